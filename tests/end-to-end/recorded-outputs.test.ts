// Keys tell of a stage's version, options and models, not of its code: this tells when code changed what comes out.
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { computeOutputs, recordFile, violations, type RecordedOutputs } from './recorded-outputs.ts';

it('every stage makes of a fixed input what was recorded, or has a new version', async (test) => {
  const recorded = JSON.parse(await readFile(recordFile, 'utf8')) as RecordedOutputs;
  if (recorded.node !== process.version) test.skip(`recorded under Node ${recorded.node}: keys differ`);
  const now = await computeOutputs();
  const advice =
    'these make something else under the same version: raise the version of the stage (or importer), then npm run record-outputs';
  expect(violations(recorded, now), advice).toEqual([]);
});

it('a change is told only where what was given is the same', () => {
  const of = (given: string, made: string): RecordedOutputs => ({
    node: process.version,
    outputs: { clean: { given, made } },
  });
  expect(violations(of('a', '1'), of('a', '2'))).toEqual(['clean']);
  expect(violations(of('a', '1'), of('a', '1'))).toEqual([]);
  expect(violations(of('a', '1'), of('b', '2'))).toEqual([]);
});
