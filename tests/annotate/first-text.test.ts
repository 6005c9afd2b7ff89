// The tables of characters fill as texts are met: the first text of a thread must get what it would get later.
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';

const program = `
const { heuristicsStage } = await import(${JSON.stringify(new URL('../../libs/annotate/src/heuristics-stage.ts', import.meta.url).href)});
const compute = await heuristicsStage.create({}, new Map());
const text = 'One line of words, without an end of line, as the first text of a thread.';
const first = await compute({ id: '0', text });
await compute({ id: '1', text: 'two\\nlines\\r\\n' });
const later = await compute({ id: '0', text });
console.log(JSON.stringify([first, later]));
`;

it('heuristics of the first text of a thread are those of the same text later', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const [first, later] = JSON.parse(stdout) as [object, object];
  expect(first).toEqual(later);
});
