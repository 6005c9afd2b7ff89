// contamination.jsonl of a `tokens/<key>/` folder: which evaluation items stand in which packed document. It lies beside
// the index under a name that stays, so that evaluation sets can be added while the shards remain as they are.

import { DataError } from '@gristmill/core';
import type { TokenStore } from './token-region.ts';

export const contaminationFile = 'contamination.jsonl';

/** One hit: an item of an evaluation set in a document. */
export interface ContaminationRow {
  readonly set: string;
  readonly item: string;
  /** First 32 hex digits of SHA-256 over the item's plain words: names it whatever its set and id. */
  readonly digest: string;
  /** Of the document. */
  readonly id: string;
  readonly split: string;
  /** In UTF-16 code units of the document's clean text. */
  readonly start: number;
  readonly end: number;
  readonly words: number;
  /** Items of the set, found or not. */
  readonly setItems: number;
}

const head = { format: 'gristmill-contamination', version: 1 };

/** Sorted by set, item, document and place, below a line that names the format. */
export function formatContamination(rows: readonly ContaminationRow[]): string {
  const sorted = [...rows].sort(
    (a, b) =>
      compare(a.set, b.set) ||
      compare(a.item, b.item) ||
      compare(a.id, b.id) ||
      a.start - b.start ||
      a.end - b.end,
  );
  const lines = sorted.map(({ set, item, digest, id, split, start, end, words, setItems }) =>
    JSON.stringify({ set, item, digest, id, split, start, end, words, setItems }),
  );
  return `${[JSON.stringify(head), ...lines].join('\n')}\n`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Undefined where the corpus was not searched. @throws DataError `contamination-damaged` */
export async function readContamination(
  store: Pick<TokenStore, 'read' | 'stat'>,
): Promise<ContaminationRow[] | undefined> {
  if ((await store.stat(contaminationFile)) === undefined) return undefined;
  const [first, ...lines] = Buffer.from(await store.read(contaminationFile))
    .toString('utf8')
    .trimEnd()
    .split('\n');
  try {
    const { format, version } = JSON.parse(first) as typeof head;
    if (format === head.format && version === head.version)
      return lines.map((line) => JSON.parse(line) as ContaminationRow);
  } catch {
    // the same error as for another format
  }
  throw new DataError(
    'contamination-damaged',
    `${contaminationFile} is no table of version ${head.version}`,
    'pack the corpus again with `gristmill run`',
  );
}
