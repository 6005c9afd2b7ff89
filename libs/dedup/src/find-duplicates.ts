// Duplicates of a list of texts in memory: exact classes and verified near pairs. The same functions as the stage's, over
// arrays instead of tables. It elects nobody: that is select's.

import { createFingerprinter, type Fingerprinter, type Overlap, type Signature } from './fingerprint.ts';
import { findContainedPairs } from './contained-pairs.ts';
import { groupPairs } from './measure-pairs.ts';
import { resolveScheme, sketchBytes, type Scheme, type SchemeName } from './scheme.ts';
import { findSimilarPairs, leastEdge, type SignatureSource } from './similar-pairs.ts';

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
    const { formOf, firsts } = formsOf(texts.map((text) => fingerprinter.hash(text)));
    const edges = findContainedPairs(
      firsts.length,
      (form) => fingerprinter.shingles(texts[firsts[form]]),
      fingerprinter,
    );
    return { formOf, edges: edges.edges, measure: measureTexts };
  }
  const signatures = texts.map((text) => fingerprinter.signature(text, resolved));
  const { formOf, firsts } = formsOf(signatures);
  const pairs = await findSimilarPairs(
    sourceOf(firsts.map((first) => signatures[first])),
    resolved,
    (codes) => Promise.resolve(measureAll(codes, firsts, texts, fingerprinter)),
  );
  const edges: FormEdge[] = [];
  for (const [i, code] of pairs.codes.entries()) {
    if (pairs.similarities[i] < leastEdge) continue;
    const [a, b] = [Math.floor(code / firsts.length), code % firsts.length];
    edges.push({ a, b, similarity: pairs.similarities[i], star: pairs.stars[i] === 1 });
  }
  return { formOf, edges, measure: measureTexts };
}

export function jaccard({ both, a, b }: Overlap): number {
  return both === 0 ? 0 : both / (a + b - both);
}

export function containment({ both, a, b }: Overlap): number {
  return both === 0 ? 0 : both / Math.min(a, b);
}

/** Numbers the distinct normal forms in the order of their hashes; `firsts` names one text of each. */
function formsOf(signatures: readonly { hash: string; words: number }[]) {
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

function measureAll(
  codes: Float64Array,
  firsts: readonly number[],
  texts: readonly (string | Uint8Array)[],
  fingerprinter: Fingerprinter,
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
      similarities[i] = jaccard(fingerprinter.overlap(shinglesOf(a), shinglesOf(b)));
    }
  }
  return similarities;
}
