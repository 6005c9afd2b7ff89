// Word documents, written by a library of others: structure, notes, formulas, tracked changes, facts, damage.
import * as docx from 'docx';
import { unzipSync, zipSync, strToU8 } from 'fflate';
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';

const { Paragraph, TextRun, HeadingLevel, TableRow, TableCell } = docx;
const p = (text: string): docx.Paragraph => new Paragraph({ children: [new TextRun(text)] });
const row = (...cells: string[]): docx.TableRow =>
  new TableRow({ children: cells.map((cell) => new TableCell({ children: [p(cell)] })) });
const change = { id: 1, author: 'x', date: '2020-01-01T00:00:00Z' };

async function write(): Promise<Uint8Array> {
  const { MathRun, MathSuperScript, MathFraction, MathRadical } = docx;
  const formula = new docx.Math({
    children: [
      new MathRun('E=m'),
      new MathSuperScript({ children: [new MathRun('c')], superScript: [new MathRun('2')] }),
      new MathFraction({
        numerator: [new MathRun('1')],
        denominator: [new MathRadical({ children: [new MathRun('x<y')] })],
      }),
    ],
  });
  const document = new docx.Document({
    title: 'On mills',
    creator: 'Ann Bell',
    footnotes: { 1: { children: [p('A note about oak.')] } },
    sections: [
      {
        headers: { default: new docx.Header({ children: [p('RUNNING HEAD')] }) },
        children: [
          new Paragraph({ text: 'The Mill', heading: HeadingLevel.TITLE }),
          new Paragraph({ text: 'The wheel', heading: HeadingLevel.HEADING_1 }),
          new Paragraph({
            children: [
              new TextRun('The wheel is of oak'),
              new docx.FootnoteReferenceRun(1),
              new TextRun({ text: ' and turns', bold: true }),
              new TextRun(' slowly.'),
            ],
          }),
          new Paragraph({ text: 'One', bullet: { level: 0 } }),
          new Paragraph({ text: 'Two', bullet: { level: 1 } }),
          new docx.Table({ rows: [row('a', 'b'), row('c', 'd')] }),
          new Paragraph({ children: [new TextRun('So '), formula, new TextRun(' holds.')] }),
          new Paragraph({
            children: [
              new TextRun('Kept '),
              new docx.DeletedTextRun({ text: 'gone ', ...change }),
              new docx.InsertedTextRun({ text: 'new', ...change, id: 2 }),
            ],
          }),
        ],
      },
    ],
  });
  return new Uint8Array(await docx.Packer.toBuffer(document));
}

describe('a Word document', async () => {
  const bytes = await write();

  test('gives its text, with notes apart and formulas as TeX', async () => {
    expect(await extractDocument({ bytes })).toMatchObject({
      text: 'The Mill\n\nThe wheel\n\nThe wheel is of oak and turns slowly.\n\n- One\n  - Two\n\na | b\nc | d\n\nSo $E=mc^{2}\\frac{1}{\\sqrt{x<y}}$ holds.\n\nKept new',
      notes: '- A note about oak.',
      title: 'On mills',
      author: 'Ann Bell',
      kind: 'docx',
    });
    const markdown = await extractDocument({ bytes }, { format: 'markdown' });
    expect('text' in markdown && markdown.text).toContain(
      '# The Mill\n\n# The wheel\n\nThe wheel is of oak **and turns**',
    );
  });

  test.each<[string, string, (parts: Record<string, Uint8Array>) => void]>([
    [
      'damaged',
      'whose body is no XML',
      (parts) => void (parts['word/document.xml'] = strToU8('<w:document')),
    ],
    [
      'damaged',
      'whose body is missing, its name left in the directory',
      (parts) => {
        parts['x/word/document.xml'] = parts['word/document.xml'];
        delete parts['word/document.xml'];
      },
    ],
    [
      'no-text',
      'without words',
      (parts) =>
        void (parts['word/document.xml'] = strToU8(
          '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body/></w:document>',
        )),
    ],
    [
      'too-large',
      'that is a bomb',
      (parts) => void (parts['word/styles.xml'] = new Uint8Array(300 * 2 ** 20)),
    ],
  ])('is a verdict: %s, %s', async (reason, _, change) => {
    const parts = unzipSync(bytes);
    change(parts);
    expect(await extractDocument({ bytes: zipSync(parts) })).toMatchObject({ verdict: { reason } });
  });

  test('with seeded damage is read or refused, 12 times', async () => {
    const random = createRandom(37);
    const stored = zipSync(unzipSync(bytes), { level: 0 });
    for (let round = 0; round < 12; round++) {
      const hit = Uint8Array.from(round % 2 ? stored : bytes);
      for (let at = 0; at < 1 + random() * 6; at++) hit[Math.floor(random() * hit.length)] = random() * 256;
      const result = await extractDocument({ bytes: hit });
      expect('verdict' in result ? result.verdict.reason.length : result.text.length).toBeGreaterThan(0);
    }
  });
});
