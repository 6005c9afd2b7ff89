// PDF by pdfjs-dist (its legacy build runs in Node without a browser): text in reading order, page by page, then
// headers and footers that repeat are taken out and lines are joined to paragraphs. Pictures of text stay unread: the verdict is
// `needs-ocr`.

import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Verdict } from '@gristmill/core';
import type { ExtractedText } from './extract-document.ts';
import { hasPictures, isGarbled, lacksText } from './pdf-quality.ts';
import { orderLines, type PdfLine, type PdfPiece } from './pdf-layout.ts';
import { joinParagraphs, removeRunningLines } from './pdf-paragraphs.ts';
import { mendPieces } from './pdf-pieces.ts';
import type { PDFDocumentProxy } from 'pdfjs-dist';

const mostPages = 5000;
const mostPiecesOfPage = 50_000;
const fewestStrokes = 60;

interface TextItem {
  readonly str?: string;
  readonly width: number;
  readonly height: number;
  readonly transform: readonly number[];
}

/** Reads a PDF; a damaged or encrypted one is a verdict. */
export async function extractPdf(bytes: Uint8Array): Promise<ExtractedText | { verdict: Verdict }> {
  const pdfjs = await import('pdfjs-dist/legacy/build/pdf.mjs');
  const home = dirname(createRequire(import.meta.url).resolve('pdfjs-dist/package.json'));
  // pdf.js takes the buffer over, so it gets a copy.
  const task = pdfjs.getDocument({
    data: new Uint8Array(bytes),
    verbosity: 0,
    disableFontFace: true,
    useSystemFonts: false,
    isEvalSupported: false,
    cMapUrl: `${join(home, 'cmaps')}/`,
    cMapPacked: true,
    standardFontDataUrl: `${join(home, 'standard_fonts')}/`,
  } as Parameters<typeof pdfjs.getDocument>[0]);
  try {
    const document = await task.promise;
    const pages: PdfLine[][] = [];
    for (let number = 1; number <= Math.min(document.numPages, mostPages); number++) {
      const page = await document.getPage(number);
      const content = await page.getTextContent();
      pages.push(orderLines(piecesOf(content.items as readonly TextItem[])));
      page.cleanup();
    }
    const text = joinParagraphs(removeRunningLines(pages));
    if (isGarbled(text) || (lacksText(text, pages.length) && (await isDrawn(document, bytes))))
      return { verdict: { stage: 'extract', reason: 'needs-ocr', detail: 'pdf' } };
    const { info } = await document.getMetadata();
    return { text, ...metadataOf(info as Record<string, unknown>) };
  } catch (error) {
    const reason = (error as Error).name === 'PasswordException' ? 'encrypted' : 'damaged';
    return { verdict: { stage: 'extract', reason, detail: 'pdf' } };
  } finally {
    await task.destroy();
  }
}

/** Pictures, or letters that are nothing but lines. */
async function isDrawn(document: PDFDocumentProxy, bytes: Uint8Array): Promise<boolean> {
  if (hasPictures(bytes)) return true;
  const page = await document.getPage(1);
  const { fnArray } = await page.getOperatorList();
  return fnArray.length > fewestStrokes;
}

/** Pieces with text, upright ones only: stamps along the margin are no part of the text. */
function piecesOf(items: readonly TextItem[]): PdfPiece[] {
  const pieces: PdfPiece[] = [];
  for (const { str, width, height, transform } of items) {
    if (str === undefined || str.trim() === '' || pieces.length >= mostPiecesOfPage) continue;
    const [a, b, , d, x, y] = transform;
    if (Math.abs(b) > Math.abs(a)) continue;
    pieces.push({ text: str, x, y, width, size: Math.abs(d) || height || 10 });
  }
  return mendPieces(pieces);
}

function metadataOf(info: Record<string, unknown>): Omit<ExtractedText, 'text'> {
  const text = (key: string) => (typeof info[key] === 'string' ? info[key].trim() : '');
  const title = /^(?:untitled|microsoft word -.*|.*\.(?:docx?|pdf|tex|dvi|indd))$/i.test(text('Title'))
    ? ''
    : text('Title');
  const date = /^D:(\d{4})(\d\d)?(\d\d)?/.exec(text('CreationDate'));
  return {
    title: title || undefined,
    author: text('Author') || undefined,
    date: date === null ? undefined : date.slice(1).filter(Boolean).join('-'),
    language: text('Language') || undefined,
  };
}
