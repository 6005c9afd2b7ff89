// Which hashes of a corpus' documents are shared: each occurrence gets a mark. Exact copies of a document count as one.

import { forEachEqual, type HashSource } from '@gristmill/core';

export interface SharedOptions {
  /** Document → number of its normal form, −1 for a text without words. */
  readonly formOf: Int32Array;
  /** A hash that one document has twice counts as shared. */
  readonly within: boolean;
  /** Told of every hash that several forms share; forms ascending, distinct. */
  readonly onShared?: (forms: readonly number[]) => void;
}

/** Marks count documents up to here; a hash in more of them is boilerplate. */
export const boilerplate = 51;

/**
 * @param source owners are documents
 * @returns for each hash of the source in order 0, or the number of forms that share it, 51 for more than 50
 */
export async function markShared(
  source: HashSource,
  { formOf, within, onShared }: SharedOptions,
): Promise<Uint8Array> {
  const marks = new Uint8Array(source.total);
  await forEachEqual(source, (entries, owners) => {
    const forms = distinct(Array.from(owners, (owner) => formOf[owner]));
    const isTwice = within && owners.some((owner, i) => i > 0 && owner === owners[i - 1]);
    if (forms.length < 2 && !isTwice) return;
    for (const entry of entries) marks[entry] = Math.min(forms.length, boilerplate);
    if (forms.length > 1) onShared?.(forms);
  });
  return marks;
}

function distinct(forms: number[]): number[] {
  forms.sort((a, b) => a - b);
  return forms.filter((form, i) => i === 0 || form !== forms[i - 1]);
}
