// Which files of records are of one source: those whose text stands in the same field.

import { usualFields } from '@gristmill/import';
import type { GuessedFields } from './guess-fields.ts';
import { fieldOptions, isRecords, type FoundFile } from './inspect-folder.ts';

/** Settings and lists of files that programs leave beside data. */
export const isSilentFile = ({ kind, fields }: FoundFile): boolean =>
  kind === 'json' && (fields === undefined || isWithoutText({ fields }));

/** Of records; of anything else it is false. */
export function isWithoutText({ fields }: { readonly fields?: GuessedFields }): boolean {
  return fields !== undefined && fields.textField === undefined && fields.messagesField === undefined;
}

/** Records whose text stands in another field are another source; those that only lack some of the fields are not. */
export function bySchema(files: readonly FoundFile[]): FoundFile[][] {
  const records = files.filter(({ kind, fields }) => isRecords(kind) && fields !== undefined);
  if (records.length * 2 < files.length) return [[...files]];
  const parts = Map.groupBy(records, ({ fields }) => JSON.stringify(fieldOptions(fields!)));
  const merged: FoundFile[][] = [];
  for (const part of [...parts.values()].sort(byStanding)) {
    const larger = merged.find(([first]) => isOfSchema(part[0].fields!, first.fields!));
    if (larger) larger.push(...part);
    else merged.push(part);
  }
  return merged;
}

/** Those with a text first, then the more frequent, then those with the longer one. */
function byStanding([a, ...moreOfA]: readonly FoundFile[], [b, ...moreOfB]: readonly FoundFile[]): number {
  return (
    Number(isWithoutText(a)) - Number(isWithoutText(b)) ||
    moreOfB.length - moreOfA.length ||
    b.fields!.medianLength - a.fields!.medianLength
  );
}

const usualText: readonly string[] = usualFields.text;

/** Most fields are the same, and the text is not known to stand in another one. */
function isOfSchema(own: GuessedFields, other: GuessedFields): boolean {
  if (isWithoutText({ fields: other }) || own.items !== other.items) return false;
  const all = new Set([...own.names, ...other.names]);
  if ((own.names.length + other.names.length - all.size) * 2 < all.size) return false;
  const { textField } = own;
  return textField === undefined || textField === other.textField || !usualText.includes(textField);
}
