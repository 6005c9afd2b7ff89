// Takes down what a patch changes while it is made, when the rows that go and those that come are at hand: who asks later
// need not compare the two parts.

import type { Column } from '@gristmill/core';
import type { KnownChange } from './known-changes.ts';
import { isAlike } from './part-changes.ts';
import type { PartFooter } from './part-footer.ts';
import type { GroupPages } from './part-writer.ts';
import type { RawGroup } from './raw-group.ts';
import type { Segment } from './splice-pages.ts';
import { defaultKey } from './table-schema.ts';

/** Key → its row in the earlier part, which goes. */
export type LeftRows = Map<string, { readonly group: RawGroup; readonly row: number }>;

export interface ChangeNotes {
  /** @param left rows under the prefix that go; those that come back under their key leave it */
  splice(piece: readonly Segment[], left: LeftRows, pages: GroupPages): void;
  finish(): KnownChange[] | undefined;
}

/** @param columns of the table that is written */
export function noteChanges(old: PartFooter, columns: readonly Column[]): ChangeNotes {
  const isSame =
    old.columns.length === columns.length + 1 &&
    columns.every(({ name }, i) => old.columns[i + 1].name === name);
  // Rows of one key cannot be told apart.
  let isKnown = isSame && old.key === defaultKey;
  const changes: KnownChange[] = [];
  return {
    splice(piece, left, pages) {
      isKnown &&= pages.size === columns.length + 1;
      if (!isKnown) return;
      let place = 0;
      for (const segment of piece) {
        if (!('row' in segment)) {
          place += segment.to - segment.from;
          continue;
        }
        const { id: key } = segment.row;
        const before = left.get(key);
        if (!before) changes.push({ key, kind: 'added' });
        else {
          const isChanged = ({ name }: Column) =>
            !isAlike(before.group.page(name), before.row, pages.get(name), place);
          changes.push({ key, kind: 'changed', columns: columns.filter(isChanged).map(({ name }) => name) });
          left.delete(key);
        }
        place++;
      }
      for (const key of left.keys()) changes.push({ key, kind: 'removed' });
      left.clear();
    },
    finish: () => (isKnown ? changes.sort((a, b) => (a.key < b.key ? -1 : 1)) : undefined),
  };
}
