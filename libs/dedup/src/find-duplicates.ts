// Duplicates of a list of texts in memory: exact classes and verified near pairs. The same functions as the stage's, over
// arrays instead of tables. It elects nobody: that is select's.

import type { HashSource } from '@gristmill/core';
import { createFingerprinter, type Fingerprinter, type Overlap, type Signature } from './fingerprint.ts';
import { proposeContained } from './contained-pairs.ts';
import { hashBytes } from './hash-bytes.ts';
import { containment, groupPairs, jaccard } from './measure-pairs.ts';
import { resolveScheme, sketchBytes, type Scheme, type SchemeName } from './scheme.ts';
import { markShared } from './shared-hashes.ts';
import { findSimilarPairs, leastEdge, type SignatureSource, type SimilarPairs } from './similar-pairs.ts';
import { printWindow, printWords } from './winnowing.ts';

export interface DuplicateOptions {
  readonly scheme?: SchemeName | Scheme;
  /** `containment`: share of the smaller text's shingles that the larger has. */
  readonly measure?: 'jaccard' | 'containment';
}

export interface Duplicates {
  /** For each text of the list the number of its normal form; −1 for a text without words, which has no duplicate. */
  readonly formOf: Int32Array;
  /** Verified pairs of normal forms, similarity at least .5. In a star, `a` is the centre. */
  readonly edges: readonly FormEdge[];
  /** Similarity by the measure of the options, for positions in the list. */
  measure(i: number, j: number): number;
}

export interface FormEdge {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
  readonly star: boolean;
}

/** Texts are strings, or UTF-8 bytes. The result does not depend on their order but for the numbers it speaks in. */
export async function findDuplicates(
  texts: readonly (string | Uint8Array)[],
  { scheme, measure = 'jaccard' }: DuplicateOptions = {},
): Promise<Duplicates> {
  const resolved = resolveScheme(scheme);
  const fingerprinter = createFingerprinter();
  const similarity = measure === 'jaccard' ? jaccard : containment;
  const measureTexts = (i: number, j: number): number =>
    similarity(fingerprinter.overlap(fingerprinter.shingles(texts[i]), fingerprinter.shingles(texts[j])));
  if (measure === 'containment') {
    const { formOf, edges } = await findContained(texts, fingerprinter);
    return { formOf, edges, measure: measureTexts };
  }
  const signatures = texts.map((text) => fingerprinter.signature(text, resolved));
  const { formOf, firsts } = formsOf(signatures);
  const pairs = await findSimilarPairs(
    sourceOf(firsts.map((first) => signatures[first])),
    resolved,
    (codes) => Promise.resolve(measureAll(codes, firsts, { texts, fingerprinter, similarity: jaccard })),
  );
  return { formOf, edges: edgesOf(pairs, firsts.length), measure: measureTexts };
}

async function findContained(
  texts: readonly (string | Uint8Array)[],
  fingerprinter: Fingerprinter,
): Promise<Pick<Duplicates, 'formOf' | 'edges'>> {
  const winnowed = texts.map((text) => fingerprinter.winnowed(text, printWords, printWindow));
  const { formOf, firsts } = formsOf(winnowed);
  const count = firsts.length;
  const proposals = proposeContained(count);
  const lists = firsts.map((first) => winnowed[first].prints);
  await markShared(hashesOf(lists), {
    formOf: Int32Array.from(firsts.keys()),
    within: false,
    onShared: (forms) => proposals.add(forms),
  });
  const codes = proposals.pairs(Uint32Array.from(lists, (list) => list.length));
  const similarities = measureAll(codes, firsts, { texts, fingerprinter, similarity: containment });
  return { formOf, edges: edgesOf({ codes, similarities }, count) };
}

/** Lists of hashes in memory, an owner each. */
export function hashesOf(lists: readonly BigUint64Array[]): HashSource {
  return {
    total: lists.reduce((sum, list) => sum + list.length, 0),
    rows: () => lists.map((list, owner) => ({ owner, hashes: hashBytes(list) })),
  };
}

function edgesOf(
  { codes, similarities, stars }: Pick<SimilarPairs, 'codes' | 'similarities'> & { stars?: Uint8Array },
  forms: number,
): FormEdge[] {
  const edges: FormEdge[] = [];
  for (const [i, code] of codes.entries()) {
    if (similarities[i] < leastEdge) continue;
    const [a, b] = [Math.floor(code / forms), code % forms];
    edges.push({ a, b, similarity: similarities[i], star: stars?.[i] === 1 });
  }
  return edges;
}

/** Numbers the distinct normal forms in the order of their hashes; `firsts` names one text of each. */
export function formsOf(signatures: readonly { hash: string; words: number }[]) {
  const firstOf = new Map<string, number>();
  for (const [i, { hash, words }] of signatures.entries())
    if (words > 0 && !firstOf.has(hash)) firstOf.set(hash, i);
  const forms = [...firstOf].sort(([a], [b]) => (a < b ? -1 : 1));
  const numberOf = new Map(forms.map(([hash], number) => [hash, number]));
  return {
    formOf: Int32Array.from(signatures, ({ hash }) => numberOf.get(hash) ?? -1),
    firsts: forms.map(([, first]) => first),
  };
}

function sourceOf(signatures: readonly Signature[]): SignatureSource {
  return {
    texts: signatures.length,
    band: (band) => Uint32Array.from(signatures, ({ bands }) => bands[band]),
    sketches(wanted) {
      const chosen = signatures.filter((_, i) => wanted[i] === 1);
      const sketches = new Uint8Array(chosen.length * sketchBytes);
      for (const [i, { sketch }] of chosen.entries()) sketches.set(sketch, i * sketchBytes);
      return sketches;
    },
  };
}

const groupSize = 4 << 20;

interface Measuring {
  readonly texts: readonly (string | Uint8Array)[];
  readonly fingerprinter: Fingerprinter;
  readonly similarity: (overlap: Overlap) => number;
}

function measureAll(
  codes: Float64Array,
  firsts: readonly number[],
  { texts, fingerprinter, similarity }: Measuring,
): Float64Array {
  const count = firsts.length;
  const similarities = new Float64Array(codes.length);
  for (const group of groupPairs(codes, count, (form) => texts[firsts[form]].length, groupSize)) {
    const shingles = new Map<number, BigUint64Array>();
    const shinglesOf = (form: number): BigUint64Array => {
      let known = shingles.get(form);
      if (!known) shingles.set(form, (known = fingerprinter.shingles(texts[firsts[form]])));
      return known;
    };
    for (const i of group) {
      const [a, b] = [Math.floor(codes[i] / count), codes[i] % count];
      similarities[i] = similarity(fingerprinter.overlap(shinglesOf(a), shinglesOf(b)));
    }
  }
  return similarities;
}
