// PDF on files built here: two columns in reading order, hyphens closed, running headers gone, damage a verdict.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';

type Placed = readonly [x: number, y: number, text: string, size?: number, spacing?: number];

/** A minimal PDF of pages of text in Helvetica, 10 points unless told. */
function buildPdf(pages: readonly (readonly Placed[])[]): Uint8Array {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((lines, i) => {
      const stream = lines
        .map(
          ([x, y, text, size = 10, spacing = 0]) =>
            `BT /F1 ${size} Tf ${spacing} Tc ${x} ${y} Td (${text}) Tj ET`,
        )
        .join('\n');
      return [
        `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + 2 * i} 0 R >>`,
        `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
      ];
    }),
  ];
  let pdf = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = pdf.length;
    pdf += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const start = pdf.length;
  pdf += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF`;
  return Buffer.from(pdf, 'latin1');
}

const left = [
  'The first column speaks of belts and how they',
  'wear when nobody looks after them for a long',
  'time, which is the common case in our gar-',
  'age and in those of all our good neighbours',
  'who never read a manual in their whole life.',
];
const right = [
  'The second column goes on to speak of pulleys',
  'and of the bearings inside them, that make a',
  'noise like a mill when they are about to fail',
  'and that should be replaced together with the',
  'belt, as the manual of the maker says clearly.',
];

describe('a PDF', () => {
  test('reads two columns one after the other and closes hyphens', async () => {
    const lines = left.flatMap((text, i): Placed[] => [
      [60, 700 - 12 * i, text],
      [330, 700 - 12 * i, right[i]],
    ]);
    const result = await extractDocument({ bytes: buildPdf([lines]) });
    const text = 'text' in result ? result.text : '';
    expect(text.replace(/\s+/g, ' ')).toBe(
      `${left.join(' ').replace('gar- age', 'garage')} ${right.join(' ')}`,
    );
  });

  test('loses headers and page numbers that return', async () => {
    const pages = [1, 2, 3, 4].map((n): Placed[] => [
      [60, 760, `Journal of Belts, volume ${n}`],
      ...[left, right, left, right][n - 1].map((text, i): Placed => [60, 700 - 12 * i, text]),
      [300, 40, String(n)],
    ]);
    const result = await extractDocument({ bytes: buildPdf(pages) });
    const text = 'text' in result ? result.text : '';
    expect(text).not.toContain('Journal');
    expect(text).not.toMatch(/^\d$/m);
    expect(text).toContain('bearings inside them');
  });

  test('that is cut off is a verdict', async () => {
    const bytes = buildPdf([[[60, 700, 'words']]]).subarray(0, 120);
    expect(await extractDocument({ bytes })).toMatchObject({ verdict: { stage: 'extract', detail: 'pdf' } });
  });
});

async function read(...pages: Placed[][]): Promise<string> {
  const result = await extractDocument({ bytes: buildPdf(pages) });
  return 'verdict' in result ? `[${result.verdict.reason}]` : result.text;
}

describe.skipIf(!existsSync('../shared/field'))('papers from the field (they lie beside the project)', () => {
  test.each([
    ['pdf-sub-superscript', 'H2SO4 and counted 10^6 grains per cm2 of the stone'],
    ['pdf-shadow-words', 'Total length of the dam\n\nTwo pairs'],
    ['pdf-letterspaced', 'THE MILL AT THE BEND\n\nThe mill'],
  ])('%s', async (name, text) => {
    const result = await extractDocument({ bytes: readFileSync(`../shared/field/${name}/paper.pdf`) });
    expect('text' in result && result.text).toContain(text);
  });
});

describe('what a PDF draws', () => {
  test('small figures stand at their letters, and change no number', async () => {
    const widths: Record<string, number> = { '2': 5.56, H: 7.22, O: 7.78 };
    const chemical: Placed[] = [
      [60, 700, 'H'],
      [60 + widths['H'], 697.5, '2', 7],
      [60 + widths['H'] + 3.9, 700, 'O and 10'],
      [60 + widths['H'] + 3.9 + 38.4, 704, '-6', 7],
    ];
    expect(await read([...chemical, ...left.map((text, i): Placed => [60, 686 - 12 * i, text])])).toMatch(
      /^H2O and 10\^-6/,
    );
    // A note in small type below the text is a line of its own.
    expect(
      await read([
        ...left.map((text, i): Placed => [60, 700 - 12 * i, text]),
        [60, 620, '1 See the manual.', 7],
      ]),
    ).toMatch(/life\.\n\n1 See the manual\.$/);
  });

  test('words drawn twice are one word, words said twice are two', async () => {
    expect(
      await read([
        [60, 700, 'The old mill'],
        [60.3, 699.8, 'The old mill'],
        [60, 680, 'had had enough'],
      ]),
    ).toBe('The old mill\n\nhad had enough');
    const places = [0, 6.1, 11.7, 14.5, 20.0].map((x) => 60 + x);
    const double = [...'Total'].flatMap((letter, i): Placed[] => [
      [places[i], 700, letter],
      [places[i] + 0.3, 700, letter],
    ]);
    expect(await read([...double, [60, 670, 'that that is']])).toMatch(/^Total\n\nthat that is$/);
  });

  test('letters spread apart are words, single letters are not', async () => {
    const spaced = async (text: string, spacing: number): Promise<string> =>
      read([
        [60, 700, text, 14, spacing],
        [60, 660, left[0]],
      ]);
    expect(await spaced('THE MILL AT THE BEND', 6)).toBe(`THE MILL AT THE BEND\n\n${left[0]}`);
    expect(await spaced('Contents', 5)).toBe(`Contents\n\n${left[0]}`);
    expect(await spaced('The old mill', 0.5)).toBe(`The old mill\n\n${left[0]}`);
    expect(
      await read([
        [60, 700, 'a b c'],
        [60, 660, left[0]],
      ]),
    ).toBe(`a b c\n\n${left[0]}`);
  });

  test('a hyphen stays where the word has others, or stands so elsewhere', async () => {
    const lines = [
      'A ledger that is state-of-the-',
      'art, a well-',
      'known miller, a well-known one, and a ma-',
      'chine of his mother-in-',
      'law and her gar-',
      'age.',
    ];
    expect(await read(lines.map((text, i): Placed => [60, 700 - 12 * i, text]))).toBe(
      'A ledger that is state-of-the-art, a well-known miller, a well-known one, and a machine of his mother-in-law and her garage.',
    );
  });

  test('pictures and letters that are not those drawn need recognition', async () => {
    const page = buildPdf([[]]).toString();
    const scan = Buffer.from(
      Buffer.from(buildPdf([[]]))
        .toString('latin1')
        .replace(
          '%PDF-1.4\n',
          '%PDF-1.4\n9 0 obj\n<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\nstream\n0\nendstream\nendobj\n',
        ),
      'latin1',
    );
    expect(page.length).toBeGreaterThan(0);
    expect(await extractDocument({ bytes: scan })).toMatchObject({ verdict: { reason: 'needs-ocr' } });
    expect(await extractDocument({ bytes: buildPdf([[]]) })).toMatchObject({
      verdict: { reason: 'no-text' },
    });
    // Every letter 29 places away, as fonts without a table of characters give it.
    const shift = (text: string): string =>
      [...text]
        .map((sign) => String.fromCharCode(Math.max(33, sign.charCodeAt(0) - 29)))
        .join('')
        .replace(/[()\\]/g, '');
    const garbled = [...left, ...right].map((text, i): Placed => [60, 700 - 12 * i, shift(text)]);
    expect(await read(garbled)).toBe('[needs-ocr]');
  });

  test('a head and a foot on two pages go', async () => {
    const page = (lines: readonly string[], n: number): Placed[] => [
      [60, 760, 'Journal of Belts'],
      ...lines.map((text, i): Placed => [60, 700 - 12 * i, text]),
      [300, 40, `Page ${n} of 2`],
    ];
    expect(await read(page(left, 1), page(right, 2))).not.toMatch(/Journal|Page/);
  });
});
