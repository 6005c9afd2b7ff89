// Pieces without an end: eight times the text takes about eight times the CPU time, the least of three. The limit leaves
// room for caches that a longer text no longer fits (log.md has the figures); a quadratic step takes 64 times.
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { loadTokenizer } from '@gristmill/tokenizer';

const random = createRandom(1);
const letters = Array.from({ length: 1_000_000 }, () =>
  String.fromCharCode(97 + Math.floor(random() * 26)),
).join('');
const kinds: Record<string, (length: number) => string> = {
  'one letter': (length) => 'a'.repeat(length),
  spaces: (length) => ' '.repeat(length),
  'letters without spaces': (length) => letters.slice(0, length),
  emoji: (length) => '👍🏽'.repeat(length / 8),
};

test.each(['gpt2', 'cl100k_base'])('%s takes time in proportion to the text', (name) => {
  const tokenizer = loadTokenizer(name);
  const cpuSeconds = (text: string): number => {
    const times = [1, 2, 3].map(() => {
      const start = process.cpuUsage();
      tokenizer.encode(text);
      const { user, system } = process.cpuUsage(start);
      return user + system;
    });
    return Math.min(...times);
  };
  for (const [kind, make] of Object.entries(kinds)) {
    tokenizer.encode(make(1_000_000));
    const ratio = cpuSeconds(make(1_000_000)) / cpuSeconds(make(125_000));
    expect(ratio, kind).toBeLessThan(40);
  }
});
