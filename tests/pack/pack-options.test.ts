import { describe, expect, test } from 'vitest';
import { resolvePackOptions } from '../../libs/pack/src/pack-options.ts';

describe('the size of shards', () => {
  test('is 256 MiB of tokens unless the recipe says otherwise', () => {
    expect(resolvePackOptions({}).shardBytes).toBe(256 * 2 ** 20);
    for (const shardMegabytes of [64, 512])
      expect(resolvePackOptions({ shardMegabytes }).shardBytes).toBe(shardMegabytes * 2 ** 20);
  });

  test.each([0, -1, 4096, Number.NaN])('of %d MiB is refused', (shardMegabytes) => {
    expect(() => resolvePackOptions({ shardMegabytes })).toThrow(
      expect.objectContaining({ code: 'pack-option' }),
    );
  });
});
