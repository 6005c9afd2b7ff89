// The command line: fields, order and errors as other programs rely on them.
import { afterAll, expect, it } from 'vitest';
import { keepProgram } from '../kept-program.ts';

const program = keepProgram('cli');
afterAll(() => program.close());

async function dedup(lines: readonly object[], ...options: string[]) {
  const input = lines.map((line) => JSON.stringify(line)).join('\n');
  const { stdout, stderr, code } = await program.run(['dedup', '-', ...options], { input });
  const output = stdout.split('\n').filter((line) => line !== '');
  return { output: output.map((line) => JSON.parse(line) as object), stderr, code };
}

const sentence = 'the miller ground his corn by the river and sang of hills far away until the wheel broke';

it('dedup writes one line for each line, in order, with cluster, survivor and similarity', async () => {
  const { output, code } = await dedup([
    { id: 'a', text: sentence },
    { id: 'b', text: `${sentence.toUpperCase()}!`, quality: 2 },
    { id: 'c', text: `${sentence} again`, kept: 'field' },
    { id: 'd', text: 'something else' },
    { id: 'e', text: '' },
  ]);
  expect(code).toBe(0);
  const similarity = 14 / 15;
  expect(output).toEqual([
    { id: 'a', cluster: 'b', survivor: false, similarity: 1 },
    { id: 'b', cluster: 'b', survivor: true, similarity: 1 },
    { kept: 'field', id: 'c', cluster: 'b', survivor: false, similarity },
    { id: 'd', cluster: 'd', survivor: true, similarity: 1 },
    { id: 'e', cluster: 'e', survivor: true, similarity: 1 },
  ]);
});

it('dedup by containment keeps the longer text, and a threshold below .5 is refused', async () => {
  const words = Array.from({ length: 60 }, (_, i) => String.fromCharCode(97 + (i % 26), 97 + ((i * 7) % 26)));
  const lines = [
    { id: 'part', text: words.slice(5, 45).join(' '), quality: 9 },
    { id: 'whole', text: words.join(' ') },
  ];
  const { output } = await dedup(lines, '--measure', 'containment');
  expect(output[0]).toEqual({
    id: 'part',
    cluster: 'whole',
    survivor: false,
    similarity: 1,
  });
  const refused = await dedup(lines, '--threshold', '0.1');
  expect(refused.code).not.toBe(0);
  expect(refused.stderr).toMatch(/0\.5 to 1/);
});

it('dedup names the object that is wrong', async () => {
  const { stderr, code } = await dedup([
    { id: 'a', text: 'x' },
    { id: 'a', text: 'y' },
  ]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/object 2 repeats the id a[\s\S]*hint[\s\S]*wrong-line/);
});
