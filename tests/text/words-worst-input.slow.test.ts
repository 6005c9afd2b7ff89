import { expect, test } from 'vitest';
import { segmentWords } from '@gristmill/text';

test('segmenting takes time in proportion to the text on hostile chunks', () => {
  for (const piece of ['.', '-', 'a.', "'", '(', 'a-', '1+', 'a@', 'http://', '漢', '😀', 'a,', '…', '%']) {
    const start = process.cpuUsage();
    segmentWords(piece.repeat(Math.ceil(1_000_000 / piece.length)));
    const used = process.cpuUsage(start);
    expect((used.user + used.system) / 1e6, piece).toBeLessThan(5);
  }
});
