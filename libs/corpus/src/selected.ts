// The selected corpus as rows for other tools: kept documents with their clean text, and the spans that select removes
// and personal data covers. Who writes the text for others applies both, as pack does. And the shards it became.

import { DataError } from '@gristmill/core';
import { openPart, openTokens, type Tokens } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import {
  latestPart,
  openBuild,
  partitionsOf,
  readColumns,
  readDocuments,
  tablePart,
} from './build-documents.ts';
import { folderOf } from './fsck.ts';
import { requireManifest } from './manifest.ts';

export interface SelectedDocument {
  readonly id: string;
  readonly text: string;
  readonly source: string;
  readonly group?: string;
  readonly url?: string;
  readonly language?: string;
  readonly licence?: string;
  readonly split: string;
  /** [start, end] in UTF-16 code units of the text. */
  readonly removals: readonly (readonly [number, number])[];
  /** Findings on the text; undefined where no step looked for them. */
  readonly personalData?: readonly unknown[];
}

/** Kept documents by id. */
export async function* selectedDocuments(store: Store): AsyncGenerator<SelectedDocument> {
  const build = await openBuild(store, await requireManifest(store));
  for (const partition of partitionsOf(build)) {
    const documents = await readDocuments(build, partition);
    const part = latestPart(build, partition, 'text');
    const personal = await readColumns(build, latestPart(build, partition, 'pii'), ['pii']);
    const decisions = await readColumns(build, tablePart(build, 'select/decisions', partition), ['removals']);
    if (!part || part.rows === 0) continue;
    for await (const { id, text } of openPart(store, part).readRows(['text'])) {
      const document = documents.get(id);
      if (!document?.kept || typeof text !== 'string') continue;
      const { source, group, url, language, licence, split } = document;
      yield {
        id,
        text,
        source,
        group,
        url,
        language,
        licence,
        split: split ?? 'train',
        removals: (decisions.get(id)?.removals ?? []) as [number, number][],
        personalData: personal.get(id)?.pii as unknown[] | undefined,
      };
    }
  }
}

/** The shards of the newest build. @throws DataError `no-tokens` where it has none */
export async function openBuiltTokens(store: Store): Promise<Tokens> {
  const { current } = await requireManifest(store);
  const index = Object.keys(current).find((path) => /^tokens\/[^/]+\/index\.json$/.test(path));
  if (index === undefined) {
    throw new DataError(
      'no-tokens',
      `the newest build in ${store.location} has no shards`,
      'give the recipe the steps tokenizer and pack, and run it',
    );
  }
  return openTokens(folderOf(store, index.slice(0, -'index.json'.length)));
}
