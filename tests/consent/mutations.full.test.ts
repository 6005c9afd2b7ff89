import { expect, test } from 'vitest';
import { heapInUse, kinds, readMutants } from './mutations.ts';

test('10,000 mutants of each kind: no crash, no hang, no growth', async () => {
  readMutants(500, 100);
  const before = await heapInUse();
  let slowest = 0;
  for (let part = 0; part < 10; part++) slowest = Math.max(slowest, readMutants(1000, part));
  const growth = (await heapInUse()) - before;
  process.stderr.write(
    `${Object.keys(kinds).length} kinds, 10,000 each: slowest ${slowest.toFixed(0)} CPU ms, heap ${(growth / 1e6).toFixed(1)} MB more\n`,
  );
  expect(slowest).toBeLessThan(1000);
  expect(growth).toBeLessThan(16e6);
});
