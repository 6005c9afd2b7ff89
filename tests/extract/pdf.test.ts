// PDF on files built here: two columns in reading order, hyphens closed, running headers gone, damage a verdict.
import { describe, expect, test } from 'vitest';
import { extractDocument } from '@gristmill/extract';

type Placed = readonly [x: number, y: number, text: string];

/** A minimal PDF of pages of text in Helvetica 10. */
function buildPdf(pages: readonly (readonly Placed[])[]): Uint8Array {
  const kids = pages.map((_, i) => `${4 + 2 * i} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
    ...pages.flatMap((lines, i) => {
      const stream = lines.map(([x, y, text]) => `BT /F1 10 Tf ${x} ${y} Td (${text}) Tj ET`).join('\n');
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
