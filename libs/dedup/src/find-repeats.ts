// Repeated passages, lines and paragraphs of a list of texts in memory: by the same functions as the stages', over arrays
// instead of tables. Which copy stays is select's.

import { createFingerprinter } from './fingerprint.ts';
import { formsOf, hashesOf } from './find-duplicates.ts';
import { passageGrams } from './passage-grams.ts';
import { repeatedPieces } from './repeated-pieces.ts';
import { markShared } from './shared-hashes.ts';
import { printWindow, printWords } from './winnowing.ts';

/** What of a text may lie elsewhere too, in order. */
export interface RepeatedText {
  readonly hashes: BigUint64Array;
  /** Start and end of each in UTF-16 units. */
  readonly spans: Uint32Array;
}

/** Candidates: all runs of `words` words that occur twice, and some that do not. */
export async function findPassages(texts: readonly string[], words = 50): Promise<RepeatedText[]> {
  const fingerprinter = createFingerprinter();
  const winnowed = texts.map((text) => fingerprinter.winnowed(text, printWords, printWindow));
  const { formOf } = formsOf(winnowed);
  const marks = await markShared(hashesOf(winnowed.map(({ prints }) => prints)), { formOf, within: true });
  let at = 0;
  return texts.map((text, i) => {
    const own = marks.subarray(at, (at += winnowed[i].prints.length));
    if (own.every((mark) => mark === 0)) return { hashes: new BigUint64Array(0), spans: new Uint32Array(0) };
    return passageGrams(fingerprinter, text, { marks: own, words });
  });
}

/** Lines and paragraphs of at least `words` words that several texts have. */
export async function findPieces(
  texts: readonly string[],
  words = 5,
): Promise<{ lines: RepeatedText[]; paragraphs: RepeatedText[] }> {
  const fingerprinter = createFingerprinter();
  const found = texts.map((text) => fingerprinter.pieces(text, words));
  const { formOf } = formsOf(found);
  const repeated = async (kind: 'lines' | 'paragraphs'): Promise<RepeatedText[]> => {
    const hashes = hashesOf(found.map((pieces) => pieces[kind].hashes));
    const marks = await markShared(hashes, { formOf, within: false });
    let at = 0;
    return texts.map((text, i) => {
      const pieces = found[i][kind];
      return repeatedPieces(text, pieces, marks.subarray(at, (at += pieces.hashes.length)));
    });
  };
  return { lines: await repeated('lines'), paragraphs: await repeated('paragraphs') };
}
