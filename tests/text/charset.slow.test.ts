// Charsets of short undeclared texts in 37 languages, from word pairs that people labelled (ELD's benchmark).
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { decodeText } from '@gristmill/text';
import { tryEncodeText } from './encode-text.ts';

const file = '../shared/data/eld-langid/word-pairs_v3.txt.gz';
const charsets: Readonly<Record<string, string>> = {
  ...{ cs: 'windows-1250 iso-8859-2', pl: 'windows-1250 iso-8859-2', hu: 'windows-1250 iso-8859-2' },
  ...{ ro: 'windows-1250', sk: 'windows-1250', sl: 'windows-1250', hr: 'windows-1250 iso-8859-2' },
  ...{ tr: 'windows-1254 iso-8859-9', az: 'windows-1254', th: 'windows-874', vi: 'windows-1258' },
  ...{ ru: 'windows-1251 koi8-r ibm866 iso-8859-5 x-mac-cyrillic', uk: 'windows-1251 koi8-u' },
  ...{ bg: 'windows-1251', sr: 'windows-1251', be: 'windows-1251', el: 'windows-1253 iso-8859-7' },
  ...{ he: 'windows-1255 iso-8859-8', ar: 'windows-1256 iso-8859-6', fa: 'windows-1256', ur: 'windows-1256' },
  ...{ et: 'windows-1257', lv: 'windows-1257 iso-8859-4', lt: 'windows-1257 iso-8859-13' },
  ...{ de: 'windows-1252', fr: 'windows-1252', pt: 'windows-1252', it: 'windows-1252', nl: 'windows-1252' },
  ...{ sv: 'windows-1252', no: 'windows-1252', da: 'windows-1252', fi: 'windows-1252', is: 'windows-1252' },
  ...{ ca: 'windows-1252', ja: 'euc-jp shift_jis', ko: 'euc-kr', zh: 'gb18030 big5' },
};

/** Texts of at least that many characters, of 6 for each language and charset, that are read as they were written. */
function shareOfRight(pairs: ReadonlyMap<string, readonly string[]>, length: number): number {
  let [right, all] = [0, 0];
  for (const [language, names] of Object.entries(charsets))
    for (const charset of names.split(' ')) {
      const words = pairs.get(language)!.filter((text) => tryEncodeText(text, charset));
      for (let text = '', taken = 0, next = 0; taken < 6; text = '') {
        while (text.length < length) text += `${words[next++ % words.length]}${next % 7 ? ' ' : '. '}`;
        const bytes = tryEncodeText(text, charset)!;
        if (!bytes.some((byte) => byte > 0x7f)) continue;
        taken++;
        all++;
        if (decodeText(bytes).text === text) right++;
      }
    }
  return right / all;
}

test.skipIf(!existsSync(file))('short texts are mostly read in their charset (needs ../shared/data)', () => {
  const lines = gunzipSync(readFileSync(file)).toString().split('\n');
  const labelled = lines.map((line) => line.split('\t')).filter(([, text]) => text);
  const pairs = new Map(
    [...Map.groupBy(labelled, ([language]) => language)].map(([language, found]) => [
      language,
      found.map(([, text]) => text),
    ]),
  );
  const shares = [60, 400].map((length) => shareOfRight(pairs, length));
  process.stderr.write(
    `charsets of 60 and 400 characters: ${shares.map((share) => share.toFixed(3)).join(', ')}\n`,
  );
  expect(shares[0]).toBeGreaterThan(0.93);
  expect(shares[1]).toBeGreaterThan(0.99);
});
