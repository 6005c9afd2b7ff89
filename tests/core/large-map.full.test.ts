// Two gigabytes of memory: where V8's own set ends.
import { expect, it } from 'vitest';
import { LargeSet } from '@gristmill/core';

it('holds more members than a Set of V8 may', () => {
  const most = 2 ** 24 + 10;
  const set = new LargeSet<number>();
  for (let i = 0; i < most; i++) set.add(i);
  expect([set.size, set.has(0), set.has(most - 1), set.has(most)]).toEqual([most, true, true, false]);
});
