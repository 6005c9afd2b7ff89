import { expect, it } from 'vitest';
import { seenByRuns } from '../../libs/corpus/src/erasures.ts';

it('steps of several documents are stretches of each run, their tokens a sum', () => {
  const trained = [
    { run: 'a', steps: [1, 2, 3, 9], tokens: 40, of: 10 },
    { run: 'b', steps: [], tokens: 0, of: 5 },
    { run: 'a', steps: [4, 3], tokens: 7, of: 10 },
  ];
  expect(seenByRuns(trained)).toEqual([
    {
      run: 'a',
      steps: [
        [1, 4],
        [9, 9],
      ],
      tokens: 47,
    },
  ]);
  expect(seenByRuns([])).toEqual([]);
});
