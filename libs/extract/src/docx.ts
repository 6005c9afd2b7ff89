// Word documents (Office Open XML): mammoth makes HTML of them, which is read as a chapter is: all of it, notes apart.
// Before, the parts that hold text are unpacked within limits, and formulas become text, which mammoth does not read.

import type { Verdict } from '@gristmill/core';
import { findElement, parseXml, textOf } from '@gristmill/markup';
import { strFromU8, strToU8, unzipSync, zipSync, type Unzipped } from 'fflate';
import { extractHtml } from './extract-html.ts';
import type { ExtractedText } from './extract-document.ts';
import { replaceFormulas } from './office-math.ts';
import type { TextFormat } from './render.ts';

const mostBytes = 256 * 2 ** 20;
const mostEntries = 5000;
const textPart =
  /^(?:\[Content_Types\]\.xml|_rels\/.*|docProps\/core\.xml|word\/(?:_rels\/)?[^/]+\.(?:xml|rels))$/i;

/** Reads a Word document; a damaged, protected or oversized one is a verdict. */
export async function extractDocx(
  bytes: Uint8Array,
  format: TextFormat = 'text',
): Promise<ExtractedText | { verdict: Verdict }> {
  const parts = unpackParts(bytes);
  if (typeof parts === 'string') return refuse(parts);
  const main = mainPart(parts);
  const body = main === undefined ? undefined : parts[main];
  if (main === undefined || body === undefined) return refuse('damaged');
  parts[main] = strToU8(replaceFormulas(strFromU8(body)));
  try {
    const { default: mammoth } = await import('mammoth');
    const { value } = await mammoth.convertToHtml(
      { buffer: Buffer.from(zipSync(parts, { level: 0 })) },
      { styleMap: ["p[style-name='Title'] => h1:fresh"], ignoreEmptyParagraphs: true },
    );
    const { text, title, notes } = extractHtml(`<body>${value}</body>`, { whole: true, format });
    return { text, title, ...(notes !== undefined && { notes }), ...readFacts(parts['docProps/core.xml']) };
  } catch {
    // Whatever is missing or ill-formed inside the parts.
    return refuse('damaged');
  }
}

function refuse(reason: string): { verdict: Verdict } {
  return { verdict: { stage: 'extract', reason, detail: 'docx' } };
}

/** Parts with text, by path; sizes are those that the directory tells, and no part may become larger. */
function unpackParts(bytes: Uint8Array): Unzipped | 'damaged' | 'too-large' {
  let total = 0;
  let entries = 0;
  try {
    const parts = unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!textPart.test(name)) return false;
        total += originalSize;
        return ++entries <= mostEntries && total <= mostBytes;
      },
    });
    return total > mostBytes || entries > mostEntries ? 'too-large' : parts;
  } catch {
    return 'damaged';
  }
}

/** The part that the package calls its document; usually word/document.xml. */
function mainPart(parts: Unzipped): string | undefined {
  const relations = parts['_rels/.rels'];
  const target = relations && /<[^<>]*officeDocument"[^<>]*>/.exec(strFromU8(relations))?.[0];
  const path = target && /Target="\/?([^"]+)"/.exec(target)?.[1];
  return [path, 'word/document.xml'].find((name) => name !== undefined && parts[name] !== undefined);
}

function readFacts(core: Uint8Array | undefined): Omit<ExtractedText, 'text'> {
  if (!core) return {};
  const root = parseXml(strFromU8(core));
  const value = (name: string): string | undefined => {
    const element = findElement(root, name);
    return (element && textOf(element).replace(/\s+/g, ' ').trim()) || undefined;
  };
  const facts = {
    title: value('title'),
    author: value('creator'),
    date: /^\d{4}-\d\d-\d\d/.exec(value('created') ?? '')?.[0],
    language: value('language'),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined));
}
