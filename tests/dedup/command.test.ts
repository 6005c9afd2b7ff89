// The command line in a child process: fields, order and errors as other programs rely on them.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const program = fileURLToPath(new URL('../../apps/cli/bin/gristmill.mjs', import.meta.url));

function dedup(lines: readonly object[], ...options: string[]) {
  const input = lines.map((line) => JSON.stringify(line)).join('\n');
  const { stdout, stderr, status } = spawnSync(process.execPath, [program, 'dedup', '-', ...options], {
    input,
    encoding: 'utf8',
  });
  const output = stdout.split('\n').filter((line) => line !== '');
  return { output: output.map((line) => JSON.parse(line) as object), stderr, status };
}

const sentence = 'the miller ground his corn by the river and sang of hills far away until the wheel broke';

it('dedup writes one line for each line, in order, with cluster, survivor and similarity', () => {
  const { output, status } = dedup([
    { id: 'a', text: sentence },
    { id: 'b', text: `${sentence.toUpperCase()}!`, quality: 2 },
    { id: 'c', text: `${sentence} again`, kept: 'field' },
    { id: 'd', text: 'something else' },
    { id: 'e', text: '' },
  ]);
  expect(status).toBe(0);
  const similarity = 14 / 15;
  expect(output).toEqual([
    { id: 'a', cluster: 'b', survivor: false, similarity: 1 },
    { id: 'b', cluster: 'b', survivor: true, similarity: 1 },
    { kept: 'field', id: 'c', cluster: 'b', survivor: false, similarity },
    { id: 'd', cluster: 'd', survivor: true, similarity: 1 },
    { id: 'e', cluster: 'e', survivor: true, similarity: 1 },
  ]);
});

it('dedup by containment keeps the longer text, and a threshold below .5 is refused', () => {
  const words = Array.from({ length: 60 }, (_, i) => String.fromCharCode(97 + (i % 26), 97 + ((i * 7) % 26)));
  const lines = [
    { id: 'part', text: words.slice(5, 45).join(' '), quality: 9 },
    { id: 'whole', text: words.join(' ') },
  ];
  expect(dedup(lines, '--measure', 'containment').output[0]).toEqual({
    id: 'part',
    cluster: 'whole',
    survivor: false,
    similarity: 1,
  });
  const refused = dedup(lines, '--threshold', '0.1');
  expect(refused.status).not.toBe(0);
  expect(refused.stderr).toMatch(/0\.5 to 1/);
});

it('dedup names the object that is wrong', () => {
  const { stderr, status } = dedup([
    { id: 'a', text: 'x' },
    { id: 'a', text: 'y' },
  ]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/object 2 repeats the id a[\s\S]*hint[\s\S]*wrong-line/);
});
