import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it, test } from 'vitest';
import {
  badWordLanguages,
  createBadWordFinder,
  createGroupCounter,
  decide,
  policies,
} from '@gristmill/detect';
import { withThresholds } from '@gristmill/detect';

const lists = new URL('../../../shared/data/ldnoobw/', import.meta.url);
const naughtyWords = createRequire(import.meta.url)('naughty-words') as Record<string, string[]>;
const find = createBadWordFinder();
/** What C4 searches for, as its code writes it: the plain reference beside the matcher. */
function referenceFinds(text: string, language: string): boolean {
  const allowed: Record<string, string[]> = { ja: ['sm', 'グロ', '女の子'], zh: ['性'] };
  const words = naughtyWords[language]
    .filter((word) => !allowed[language]?.includes(word))
    .map((word) => word.toLowerCase().replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  const isAnywhere = ['ja', 'th', 'zh'].includes(language);
  // Marks count as parts of words here and in the matcher; Python's \w leaves them out.
  const part = String.raw`[\p{L}\p{M}\p{N}_]`;
  const pattern = isAnywhere ? words.join('|') : `(?<!${part})(?:${words.join('|')})(?!${part})`;
  return new RegExp(pattern, 'u').test(text.toLowerCase());
}

describe('createBadWordFinder', () => {
  it('knows 28 languages', () => {
    expect(badWordLanguages).toHaveLength(28);
  });

  it('finds every word of every list as a word of its own, and lets through what C4 lets through', () => {
    const missed = badWordLanguages.flatMap((language) =>
      naughtyWords[language]
        .filter(
          (word) =>
            find(`… ${word.toUpperCase()} …`, language).length === 0 &&
            find(`… ${word} …`, language).length === 0,
        )
        .map((word) => `${language}:${word}`),
    );
    expect(missed.filter((name) => !name.startsWith('fr-CA'))).toEqual([
      'ja:sm',
      'ja:グロ',
      'ja:女の子',
      'zh:性',
    ]);
  });

  it('finds no word inside another, but anywhere in scripts without spaces', () => {
    const [word] = naughtyWords.de;
    expect(find(`x${word}x ${word}s`, 'de')).toEqual([]);
    const [thai] = naughtyWords.th;
    expect(find(`กก${thai}กก`, 'th')).toHaveLength(1);
  });

  it('looks at the list of the language alone, and at others when asked', () => {
    const [word] = naughtyWords.pl;
    expect(find(word, 'en')).toEqual([]);
    expect(find(word, undefined)).toEqual([]);
    expect(createBadWordFinder({ always: ['pl'] })(word, 'en')[0]).toEqual({
      start: 0,
      end: word.length,
      term: word,
      language: 'pl',
    });
  });

  it('takes own lists and own exceptions', () => {
    const own = createBadWordFinder({ words: { en: ['gadzooks', 'zounds'] }, allow: { en: ['zounds'] } });
    expect(own('Gadzooks and zounds!', 'en').map(({ term }) => term)).toEqual(['gadzooks']);
  });

  test.skipIf(!existsSync(lists))(
    'agrees with the search that C4 makes, on every list set into real text',
    () => {
      const frame = (word: string, i: number) =>
        [`a ${word}, b`, `(${word})`, `a${word}b`, `${word}\nend`, `«${word}»`][i % 5];
      let differences = 0;
      let compared = 0;
      for (const language of readdirSync(lists)) {
        if (!badWordLanguages.includes(language) || language.includes('-')) continue;
        const words = readFileSync(new URL(language, lists), 'utf8')
          .split('\n')
          .filter((line) => line !== '');
        words.slice(0, 60).forEach((word, i) => {
          const text = frame(word, i);
          compared++;
          if (find(text, language).length > 0 !== referenceFinds(text, language)) differences++;
        });
      }
      expect(compared).toBeGreaterThan(800);
      expect(differences).toBe(0);
    },
  );
});

describe('the policy badWords', () => {
  it('drops what has bad words, or keeps a share of it by a number that hangs on the id', () => {
    expect(decide(policies.badWords, { badWords: 0 })).toBeUndefined();
    expect(decide(policies.badWords, { badWords: 1, badWordDraw: 0 })).toBe('bad_words');
    const some = withThresholds(policies.badWords, { keptPerThousand: 100 });
    expect(decide(some, { badWordDraw: 99 })).toBeUndefined();
    expect(decide(some, { badWordDraw: 100 })).toBe('bad_words');
  });
});

describe('createGroupCounter', () => {
  const count = createGroupCounter();
  it('counts mentions of groups in the words of the language', () => {
    expect(count('She met her uncle and two refugees; the Jewish museum was open.', 'en')).toEqual({
      'immigrants and refugees': 1,
      jews: 1,
      men: 1,
      women: 2,
    });
    expect(count('Die Frauen und ein Mann', 'de')).toEqual({ men: 1, women: 1 });
  });

  it('takes the longest term, and no part of a word', () => {
    expect(count('A black woman. Womanhood. Manhattan.', 'en')).toEqual({ 'black people': 1 });
  });

  it('counts nothing in a language without a list', () => {
    expect(count('men en vrouwen', 'nl')).toEqual({});
    expect(createGroupCounter({ nl: { women: ['vrouwen'] } })('mannen en vrouwen', 'nl')).toEqual({
      women: 1,
    });
  });
});
