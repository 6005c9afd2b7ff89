// No distinct book is lost among several hundred real ones: the books of the New Testament in ten languages, each a text
// of its own. Parallel texts share names and numbers, never a run of words.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { findDuplicates } from '@gristmill/dedup';
import { electSurvivors } from '@gristmill/select';
import { overlapPlainly } from '../../libs/dedup/src/fingerprint-reference.ts';

const data = '../shared/data';
const testaments = `${data}/bible-corpus`;

function readBooks(): string[] {
  const books: string[] = [];
  for (const name of readdirSync(testaments).filter((file) => file.endsWith('.xml.gz'))) {
    const xml = gunzipSync(readFileSync(`${testaments}/${name}`)).toString('utf8');
    for (const book of xml.split('type="book"').slice(1)) {
      const verses = [...book.matchAll(/<seg [^>]*>([^<]*)<\/seg>/g)].map(([, verse]) => verse.trim());
      const text = verses.join('\n');
      if (text.length > 2000) books.push(text);
    }
  }
  return books;
}

async function lost(texts: readonly string[], measure: 'jaccard' | 'containment'): Promise<string[][]> {
  const { formOf, edges } = await findDuplicates(texts, { measure });
  const candidates = texts.map((text, i) => ({
    id: String(i).padStart(5, '0'),
    form: formOf[i],
    quality: 0,
    length: text.length,
  }));
  const options = { threshold: 0.8, longerFirst: measure === 'containment' };
  return electSurvivors(candidates, edges, options).map(({ id, witness }) => [id, witness]);
}

test.skipIf(!existsSync(testaments))(
  'real books all stay, their copies go, each to its original (needs ../shared/data)',
  async () => {
    const books = readBooks();
    expect(books.length).toBeGreaterThan(200);
    for (const measure of ['jaccard', 'containment'] as const) expect(await lost(books, measure)).toEqual([]);
    const random = createRandom(4);
    const copied = books.map((_, i) => i).filter((i) => i % 7 === 0);
    const copies = copied.map((i) => books[i].replace(/ /g, (space) => (random() < 0.005 ? ' und ' : space)));
    const removed = await lost([...books, ...copies], 'jaccard');
    const close = copied.filter((book, k) => {
      const { both, a, b } = overlapPlainly(books[book], copies[k]);
      return both / (a + b - both) >= 0.8;
    });
    expect(close.length).toBeGreaterThan(copied.length / 2);
    const originals = removed.map((pair) => Math.min(...pair.map(Number)));
    expect(originals.sort((a, b) => a - b)).toEqual(close);
  },
  300_000,
);
