import { describe, expect, it } from 'vitest';
import { cleanText } from '@gristmill/clean';

const repair = (text: string): string =>
  cleanText(text, { control: false, nfc: false, whitespace: false, hyphenation: false, boilerplate: false })
    .text;

/** UTF-8 bytes read as a one-byte charset: how mojibake comes about. */
function misread(text: string, charset: string): string {
  return new TextDecoder(charset).decode(new TextEncoder().encode(text));
}

const sound = [
  'naïve café, déjà vu',
  'Der Bär läuft über die Straße – schön!',
  '“Quoted” text — it’s here…',
  'Прощай, немытая Россия',
  'Καλημέρα κόσμε',
  'שלום עולם',
  'مرحبا بالعالم',
  '日本語のテキストです',
  '한국어 문장',
  'emoji 😀🎉 party',
  'price: 5 € or £3',
  'voilà le travail à côté',
  'Škoda a žluťoučký kůň',
  'São Paulo, maçã, coração',
  '25 °C ± 2 µm ½',
  '© 2020 Müller® GmbH™',
];
// What looks like mojibake and is none.
const lookalikes = [
  'JOSÉ… and MAÇÃ” said «CAFÉ» in „KÖ“',
  '«и»… он',
  'РСФСР и Рёв',
  'PARIS, ÎLE–DE–FRANCE',
  'SÃO “PAULO”, NÃO… SIM',
  'Âme à l’Âge',
  'Ø–10 ×² ×³',
  '┌───────┐│ x │├───────┤└───────┘',
  'ÄÖÜ“ À… É» Ü„',
  'ANÁLISE DA AÇÃO – IRMÃ”',
];

describe('the rule mojibake', () => {
  it.each(['windows-1252', 'windows-1254', 'macintosh'])('repairs UTF-8 that was read as %s', (charset) => {
    for (const text of sound) expect(repair(misread(text, charset))).toBe(text);
  });

  it('repairs most of what was read as a charset of another region', () => {
    for (const charset of ['windows-1251', 'windows-1250', 'windows-1253', 'iso-8859-2']) {
      const repaired = sound.filter((text) => repair(misread(text, charset)) === text);
      expect(repaired.length, charset).toBeGreaterThanOrEqual(sound.length - 3);
    }
  });

  it('repairs what was misread twice', () => {
    for (const text of sound) {
      expect(repair(misread(misread(text, 'windows-1252'), 'windows-1252'))).toBe(text);
    }
  });

  it('repairs a broken part of a sound line', () => {
    expect(repair('A naïve “line”, then cafÃ© and itâ€™s over')).toBe(
      'A naïve “line”, then café and it’s over',
    );
    expect(repair('voilÃ  le travail')).toBe('voilà le travail');
  });

  it('leaves sound text of any language alone', () => {
    for (const text of [...sound, ...lookalikes]) expect(repair(text)).toBe(text);
    expect(repair([...sound, ...lookalikes].join('\n'))).toBe([...sound, ...lookalikes].join('\n'));
  });
});
