// Quality on pages of others, where the test data is there. Two thirds of these pages taught the content model; the
// floor that counts is the one on the third that did not (every third page by MD5 of its id).
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';

const data = '../shared/data/article-pages';
const folder = mkdtempSync(join(tmpdir(), 'gristmill-articles-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Gold {
  readonly id: string;
  readonly with: readonly string[];
  readonly without: readonly string[];
}

const fold = (text: string) => text.replace(/\s+/g, ' ').trim();
// Like Python's md5(id) % 3: 2^8 ≡ 1 (mod 3), so the digest's bytes are summed.
const isHeldOut = (id: string) =>
  createHash('md5')
    .update(id)
    .digest()
    .reduce((sum, byte) => sum + byte, 0) %
    3 ===
  0;

async function scorePages(gold: readonly Gold[]) {
  let [hits, misses, wrong] = [0, 0, 0];
  for (const { id, with: wanted, without } of gold) {
    const result = await extractDocument({ bytes: readFileSync(join(folder, 'pages', `${id}.html`)) });
    const text = fold('text' in result ? result.text : '');
    const found = wanted.filter((segment) => text.includes(fold(segment))).length;
    hits += found;
    misses += wanted.length - found;
    wrong += without.filter((segment) => text.includes(fold(segment))).length;
  }
  return (2 * hits) / (2 * hits + misses + wrong);
}

describe.skipIf(!existsSync(data))('article-pages (needs ../shared/data)', () => {
  test('F1 is at least .94 on pages that taught nothing, and .96 on all', async () => {
    execFileSync('tar', ['-xJf', join(data, 'pages.tar.xz'), '-C', folder]);
    const gold = gunzipSync(readFileSync(join(data, 'gold.jsonl.gz')))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Gold);
    expect(await scorePages(gold.filter(({ id }) => isHeldOut(id)))).toBeGreaterThan(0.94);
    expect(await scorePages(gold)).toBeGreaterThan(0.96);
  });
});
