import { describe, expect, it } from 'vitest';
import { cleanRules, cleanStage, cleanText } from '@gristmill/clean';

describe('cleanText', () => {
  it('leaves clean prose as it is, without a count', () => {
    const text = 'A line.\n\n  An indented line — with “quotes”, naïve café.\nLast.';
    expect(cleanText(text)).toEqual({ text, counts: {} });
  });

  it.each([
    ['control', 'a\u0000b\u200bc\ufeffd\u001b[31me\u001b[0m', 'abcde', 5],
    ['control', 'soft\u00adhyphen \u202dx\u202c', 'softhyphen x', 3],
    ['control', 'lone \ud800 half', 'lone \ufffd half', 1],
    ['nfc', 'Cafe\u0301', 'Café', 1],
    ['whitespace', 'a\r\nb\rc\u2028d', 'a\nb\nc\nd', 3],
    ['whitespace', 'a\u00a0b   c\td  \n\n\n\n  e', 'a b c d\n\n  e', 5],
    ['hyphenation', 'an exam-\nple of it', 'an example of it', 1],
    [
      'hyphenation',
      'his mother-in-\nlaw, a state-of-the-\nart mill',
      'his mother-in-law, a state-of-the-art mill',
      2,
    ],
    ['hyphenation', 'a well-\nto-do man, on-\nto-one', 'a well-to-do man, on-to-one', 2],
    [
      'hyphenation',
      'a self-contra-\ndictory one, self-contradictory',
      'a self-contradictory one, self-contradictory',
      1,
    ],
    ['mojibake', 'voilÃ  le cafÃ© Ã  la place', 'voilà le café à la place', 3],
    [
      'boilerplate',
      'Title\n\nShare this article\n\nThe text.\n12K views\nRead more...',
      'Title\n\nThe text.',
      3,
    ],
  ])('%s repairs %j', (rule, before, after, count) => {
    expect(cleanText(before)).toEqual({ text: after, counts: { [rule]: count } });
    const off = cleanText(before, { [rule]: false });
    expect(off.counts).not.toHaveProperty(rule);
  });

  it('keeps joiners where scripts and emoji need them', () => {
    for (const text of ['می‌خواهم', 'क्‍ष', '👩‍👩‍👧 family', '🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag']) {
      expect(cleanText(text).text).toBe(text);
    }
    expect(cleanText('in\u200dvisible').text).toBe('invisible');
  });

  it('takes the spelling of a divided word from the document itself', () => {
    expect(cleanText('A well-known fact, as well-\nknown as this.').text).toBe(
      'A well-known fact, as well-known as this.',
    );
    expect(cleanText('pre-\nand post-war years').text).toBe('pre-\nand post-war years');
    expect(cleanText('- one\n- two').text).toBe('- one\n- two');
  });

  it('removes whole lines of controls only, never a sentence or a page made of them', () => {
    const text = 'He said: read more.\nOur privacy policy explains it.\nThe menu was short.';
    expect(cleanText(text).text).toBe(text);
    expect(cleanText('Share\nTweet\nLog in').text).toBe('Share\nTweet\nLog in');
  });

  it('reduces only when asked', () => {
    const { text } = cleanText('Ünïcode ★ №5 → “Yes”!', { lowercase: true, specialCharacters: true });
    expect(text).toBe('ünïcode  5  “yes”!');
  });

  it('changes nothing the second time', () => {
    const dirty = 'Ã©tÃ©\r\n\r\n\r\n  a\u200b  b\u00a0\u00a0c-\nd exam-\nple\nShare\nx\u0301y e\u0301';
    const once = cleanText(dirty).text;
    expect(cleanText(once)).toEqual({ text: once, counts: {} });
  });
});

it.each([
  'A letra Ã é nasal, e a letra Â é fechada.',
  'Ã ou Õ, Â e â: o Ã que falta',
  'A NAÇÃO e a MANHÃ seguinte',
])('letters that stand alone in sound text stay: %s', (text) =>
  expect(cleanText(text)).toEqual({ text, counts: {} }),
);

describe('cleanStage', () => {
  it('refuses a rule that does not exist', () => {
    expect(() => cleanStage.create({ mojibakes: true }, new Map())).toThrow(/no option mojibakes/);
  });
  it('ends a document that cleaning empties', async () => {
    const transform = await cleanStage.create({}, new Map());
    expect(await transform({ id: 'a', text: '\u200b \n' })).toMatchObject({
      id: 'a',
      verdict: { stage: 'clean', reason: 'empty' },
    });
  });
  it('lists its rules in one place', () => {
    expect(Object.keys(cleanRules)).toHaveLength(8);
  });
});
