// Seeded damage to documents: bytes changed, cut, doubled, swapped. Shared by the fast, slow and full fuzz tests.
import { expect } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';
import { fixturePages } from './fixture-pages.ts';

const latex = String.raw`\documentclass{article}\title{T}\begin{document}\section{A} Text \emph{x} $y$ \begin{itemize}\item a\end{itemize} \begin{tabular}{l} a & b \\ c\end{tabular}\'e \verb|x| \end{document}`;
const jats =
  '<?xml version="1.0"?><article dtd-version="1.1"><front><article-meta><title-group><article-title>T</article-title></title-group></article-meta></front><body><sec><title>S</title><p>Words <italic>x</italic>.</p><table-wrap><table><tr><td>1</td></tr></table></table-wrap></sec></body></article>';
const seeds = [...fixturePages.map(({ text }) => text), latex, jats]
  .filter((text) => text !== '')
  .map((text) => new TextEncoder().encode(text));
const fragments = [
  '<',
  '>',
  '"',
  '</div>',
  '<table>',
  '<a href="',
  '&#',
  '\\begin{',
  '{',
  '$',
  '<!--',
  '<script>',
  '<pre>',
  '\0',
  '\u00ff',
  ']]>',
  '%PDF-1.4',
  '<?xml',
  '<svg>',
].map((text) => new TextEncoder().encode(text));

/** Extracts `count` damaged documents; each must end in text or a verdict, within CPU time that its size allows. */
export async function fuzzExtraction(count: number, seed: number): Promise<void> {
  const random = createRandom(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  for (let i = 0; i < count; i++) {
    let bytes: Uint8Array = pick(seeds);
    for (let n = 1 + Math.floor(random() * 6); n > 0; n--) bytes = damage(bytes, random, pick(fragments));
    const format = random() < 0.5 ? 'text' : 'markdown';
    const result = await extractDocument({ bytes, whole: random() < 0.2 }, { format });
    expect('verdict' in result ? result.verdict.stage : typeof result.text).toMatch(/^(?:extract|string)$/);
    if ('text' in result) expect(result.text.length).toBeLessThan(20 * bytes.length + 1000);
  }
}

function damage(bytes: Uint8Array, random: () => number, fragment: Uint8Array): Uint8Array {
  const at = Math.floor(random() * bytes.length);
  const to = Math.min(bytes.length, at + Math.floor(random() * 200));
  const parts: Uint8Array[] = [
    [bytes.subarray(0, at), fragment, bytes.subarray(at)],
    [bytes.subarray(0, at), bytes.subarray(to)],
    [bytes.subarray(0, to), bytes.subarray(at)],
    [bytes.subarray(0, at)],
    [bytes.subarray(to), bytes.subarray(0, to)],
    [bytes.subarray(0, at), Uint8Array.from({ length: 8 }, () => random() * 256), bytes.subarray(to)],
  ][Math.floor(random() * 6)];
  return Buffer.concat(parts);
}
