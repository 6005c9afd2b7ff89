// Texts that a report shows: documents as they came and as they are kept, and duplicates beside what is kept instead.

import { openPart, partitionOf } from '@gristmill/shards';
import { latestPart, readColumns, tablePart, type OpenBuild } from './build-documents.ts';
import { placesOf } from './outcome.ts';
import type { ReportFacts, ReportPair } from './report-facts.ts';
import { acquireStep } from './steps.ts';

export interface ReportText {
  readonly id: string;
  readonly place: string;
  readonly source: string;
  readonly mediaType: string;
  /** The item as it came; undefined where acquire kept no bytes. */
  readonly raw?: Uint8Array;
  /** As clean left it. */
  readonly text: string;
  /** [start, end] in UTF-16 code units of the text. */
  readonly removals: readonly (readonly [number, number])[];
  readonly personalData: readonly unknown[];
}

export interface ReportDuplicate extends ReportPair {
  readonly removed: ReportText;
  readonly survivor: ReportText;
}

/** By id; a document without text is not among them. */
export async function readReportTexts(
  build: OpenBuild,
  ids: readonly string[],
): Promise<Map<string, ReportText>> {
  const texts = new Map<string, ReportText>();
  const places = await placesOf(build, ids);
  for (const [partition, own] of Map.groupBy(new Set(ids), (id) => partitionOf(id, build.partitions))) {
    await build.include(partition);
    const entry = build.state.rows.get(acquireStep)?.get(partition);
    const part = latestPart(build, partition, 'text');
    if (!entry || !part) continue;
    const wanted = own.sort();
    const cleaned = await readColumns(build, part, ['text'], wanted);
    const personal = await readColumns(build, latestPart(build, partition, 'pii'), ['pii'], wanted);
    const decisions = await readColumns(
      build,
      tablePart(build, 'select/decisions', partition),
      ['removals'],
      wanted,
    );
    for (const row of await openPart(build.store, entry).get(wanted, ['bytes', 'mediaType', 'sourceName'])) {
      const text = cleaned.get(row.id)?.text;
      if (typeof text !== 'string') continue;
      texts.set(row.id, {
        id: row.id,
        place: places.get(row.id) ?? row.id,
        source: String(row.sourceName),
        mediaType: String(row.mediaType ?? ''),
        ...(row.bytes instanceof Uint8Array && { raw: row.bytes }),
        text,
        removals: (decisions.get(row.id)?.removals ?? []) as [number, number][],
        personalData: (personal.get(row.id)?.pii ?? []) as unknown[],
      });
    }
  }
  return texts;
}

/** Of each source the documents with the most to see: passages that go, personal data, text that is not all of the page. */
export async function sampleTexts(
  build: OpenBuild,
  { kept }: ReportFacts,
  ofEach: number,
): Promise<ReportText[]> {
  const samples: ReportText[] = [];
  for (const ids of kept.values()) {
    const texts = [...(await readReportTexts(build, ids)).values()];
    samples.push(...texts.sort((a, b) => interest(b) - interest(a)).slice(0, ofEach));
  }
  return samples;
}

function interest({ removals, personalData, raw, text }: ReportText): number {
  const shrinks = raw === undefined ? 0 : 1 - Math.min(1, Buffer.byteLength(text) / Math.max(1, raw.length));
  const isReadable = text.length > 200 && text.length < 20_000;
  return (removals.length > 0 ? 2 : 0) + (personalData.length > 0 ? 1 : 0) + shrinks + (isReadable ? 2 : 0);
}

/** Pairs of different sources first, then nearly equal ones, then long ones; the texts of both. */
export async function readDuplicates(
  build: OpenBuild,
  { pairs }: ReportFacts,
  most: number,
): Promise<ReportDuplicate[]> {
  const ids = pairs.flatMap(({ id, witness }) => [id, witness]);
  const texts = await readReportTexts(build, ids);
  const found = pairs.flatMap((pair): ReportDuplicate[] => {
    const [removed, survivor] = [texts.get(pair.id), texts.get(pair.witness)];
    if (!removed || !survivor || isTrivial(pair, removed)) return [];
    return [{ ...pair, removed, survivor }];
  });
  const worth = ({ removed, survivor, reason }: ReportDuplicate) =>
    (removed.source !== survivor.source ? 8 : 0) +
    (reason === 'exact-duplicate' ? 0 : 16) +
    Math.min(8, Math.log2(removed.text.length + 1) / 2);
  return found.sort((a, b) => worth(b) - worth(a)).slice(0, most);
}

/** "Great phone!" twice: nobody learns from it. */
function isTrivial({ reason }: ReportPair, { text }: ReportText): boolean {
  return reason === 'exact-duplicate' && text.length < 200;
}
