// The record is of the versions that there are: with an older one a change of code would go unseen.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { computeOutputs, recordFile, type RecordedOutputs } from './recorded-outputs.ts';

it('recorded outputs are those of the stages as they are', async (test) => {
  const recorded = JSON.parse(await readFile(recordFile, 'utf8')) as RecordedOutputs;
  if (recorded.node !== process.version) test.skip(`recorded under Node ${recorded.node}: keys differ`);
  expect(await computeOutputs(), 'npm run record-outputs brings the record up to date').toEqual(recorded);
});
