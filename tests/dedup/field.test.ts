// Texts from the field: what differs in figures or tones alone is no duplicate.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { findDuplicates } from '@gristmill/dedup';

const field = '../shared/field/figures-differ/texts.jsonl';

const formsOf = async (texts: readonly string[]): Promise<number> =>
  new Set((await findDuplicates(texts)).formOf).size;

test.skipIf(!existsSync(field))(
  'tables of other months all stay (the field lies beside the project)',
  async () => {
    const lines = readFileSync(field, 'utf8').trim().split('\n');
    const texts = lines.map((line) => (JSON.parse(line) as { text: string }).text);
    const { formOf, edges } = await findDuplicates(texts);
    expect([new Set(formOf).size, edges]).toEqual([3, []]);
  },
);

describe('texts of different forms', () => {
  test.each([
    ['figures', 'Room 12, 30 seats, 4.5 litres', 'Room 13, 31 seats, 5.5 litres'],
    ['decimals', 'It rose by 1.5 per cent', 'It rose by 1,6 per cent'],
    ['other digits', 'السعر ٣٥ دينارا', 'السعر ٣٦ دينارا'],
    ['Devanagari digits', 'पृष्ठ १२', 'पृष्ठ १३'],
    ['tones of Vietnamese', 'ba ma ca', 'bà mà cà'],
    ['tones of Thai', 'ป่า', 'ป้า'],
    ['tones of Yoruba', 'ọkọ́', 'ọkọ̀'],
    ['vowel signs', 'मिल', 'मेल'],
    ['umlauts', 'schon', 'schön'],
    ['letters of tone', 'ma˥ ma˩', 'ma˩ ma˥'],
    ['the neutral tone of Bopomofo', 'ㄇㄚ˙', 'ㄇㄚ'],
    ['signs', 'Night: -5, day: 12', 'Night: 5, day: 12'],
    ['typographic signs', 'from −12 to −3', 'from −12 to 3'],
    ['raised figures', '10² m', '10³ m'],
    ['fractions', '½ cup', '¼ cup'],
    ['Roman figures', 'Ⅷ', 'Ⅸ'],
    ['ideographic figures', '〇 一', '一 〇'],
  ])('%s', async (_, a, b) => {
    expect(await formsOf([a, b])).toBe(2);
  });

  test('are one where only case, punctuation, spaces or optional points differ', async () => {
    expect(await formsOf(['Room 12: free!', 'room  12 — FREE', 'ROOM 12 free.'])).toBe(1);
    expect(await formsOf(['כָּתַב', 'כתב'])).toBe(1);
  });
});
