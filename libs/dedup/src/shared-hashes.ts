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
    const forms = distinctForms(owners, formOf);
    const isTwice = within && hasOwnerTwice(owners);
    if (forms.length < 2 && !isTwice) return;
    for (const entry of entries) marks[entry] = Math.min(forms.length, boilerplate);
    if (forms.length > 1) onShared?.(forms);
  });
  return marks;
}

function distinctForms(owners: Uint32Array, formOf: Int32Array): number[] {
  const forms: number[] = [];
  for (const owner of owners) forms.push(formOf[owner]);
  forms.sort((a, b) => a - b);
  return forms.filter((form, i) => i === 0 || form !== forms[i - 1]);
}

function hasOwnerTwice(owners: Uint32Array): boolean {
  for (let i = 1; i < owners.length; i++) if (owners[i] === owners[i - 1]) return true;
  return false;
}
