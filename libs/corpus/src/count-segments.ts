// What the funnel shows of a row group: rows in and out, bytes out, verdicts by reason.

import type { Row, Verdict } from '@gristmill/core';
import type { Counts, Segment } from '@gristmill/shards';

export interface Counting {
  /** The column whose bytes are counted: a text in UTF-8, or a byte array. */
  readonly column: string;
  /** False for a verdict that an earlier step gave: the step did not see the row. */
  readonly isOwn: (verdict: Verdict) => boolean;
}

export function countSegments(segments: readonly Segment[], { column, isOwn }: Counting): Counts {
  const counts: Record<string, number> = { documentsIn: 0, documentsOut: 0, bytesOut: 0 };
  const count = (verdict: Verdict | undefined, bytes: number): void => {
    if (verdict && !isOwn(verdict)) return;
    counts.documentsIn++;
    if (verdict) counts[`drop.${verdict.reason}`] = (counts[`drop.${verdict.reason}`] ?? 0) + 1;
    else counts.documentsOut++;
    counts.bytesOut += bytes;
  };
  for (const segment of segments) {
    if ('row' in segment) {
      count(segment.row.verdict as Verdict | undefined, bytesOf(segment.row, column));
      continue;
    }
    const { group, from, to } = segment;
    if (group.hasValues('verdict', from, to)) {
      for (let row = from; row < to; row++)
        count(group.value('verdict', row) as Verdict | undefined, group.sumBytes(column, row, row + 1));
    } else {
      counts.documentsIn += to - from;
      counts.documentsOut += to - from;
      counts.bytesOut += group.sumBytes(column, from, to);
    }
  }
  return counts;
}

function bytesOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === 'string') return Buffer.byteLength(value);
  return value instanceof Uint8Array ? value.length : 0;
}
