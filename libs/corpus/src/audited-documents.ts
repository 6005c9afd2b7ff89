// Every document of a build with what an audit asks of it: beside where it came from and what became of it, what was said
// about its use, its licence with the evidence, whose it is, when it was fetched, and what of it lies in the shards.

import type { Row, Value } from '@gristmill/core';
import {
  latestPart,
  partitionsOf,
  readColumns,
  readDocuments,
  tablePart,
  type BuiltDocument,
  type OpenBuild,
} from './build-documents.ts';
import { placesOf } from './outcome.ts';
import { acquireStep } from './steps.ts';

export interface AuditedDocument extends BuiltDocument {
  /** URL, or source, path and item. */
  readonly place: string;
  /** Statements about its use as libs/consent writes them; undefined where nobody was asked. */
  readonly statements?: readonly unknown[];
  readonly fetchedAt?: string;
  readonly mediaType: string;
  readonly title?: string;
  readonly author?: string;
  /** UTF-8 bytes of the text in the shards; of kept documents, where shards were made. */
  readonly textBytes?: number;
  /** Findings that were masked in it. */
  readonly masked?: number;
  /** What annotate found, by column; nothing of documents that have no text. */
  readonly signals: Readonly<Record<string, Value>>;
}

const acquired = ['statements', 'fetchedAt', 'mediaType'];
const signalColumns = [
  ...['pii', 'licenceFound', 'licenceAmbiguous', 'licenceStatements', 'blockedUrl', 'badWords', 'toxicity'],
];

/** By partition and id; a partition's documents are held at a time. */
export async function* auditedDocuments(build: OpenBuild): AsyncGenerator<AuditedDocument> {
  for (const partition of partitionsOf(build)) {
    const read = (entry: Parameters<typeof readColumns>[1], columns: readonly string[]) =>
      readColumns(build, entry, columns);
    const documents = await readDocuments(build, partition);
    const rows = await read(build.state.rows.get(acquireStep)?.get(partition), acquired);
    const places = await placesOf(build, [...documents.keys()]);
    const titles = await read(latestPart(build, partition, 'title'), ['title']);
    const authors = await read(latestPart(build, partition, 'author'), ['author']);
    const packed = await read(tablePart(build, 'pack/documents', partition), ['bytes', 'masked']);
    const signals = await readSignals(build, partition);
    for (const [id, document] of documents) {
      const row = rows.get(id);
      const shard = document.kept ? packed.get(id) : undefined;
      yield {
        ...document,
        place: places.get(id) ?? id,
        statements: row?.statements as readonly unknown[] | undefined,
        fetchedAt: row?.fetchedAt as string | undefined,
        mediaType: row?.mediaType as string,
        title: titles.get(id)?.title as string | undefined,
        author: authors.get(id)?.author as string | undefined,
        textBytes: shard?.bytes as number | undefined,
        masked: shard?.masked as number | undefined,
        signals: signals.get(id) ?? {},
      };
    }
  }
}

/** Columns of annotate that some step of the build wrote. */
export function auditedSignals(build: OpenBuild): Set<string> {
  const columns = [...build.state.rows.values()].flatMap((parts) =>
    [...parts.values()].flatMap((part) => Object.keys(part.columns)),
  );
  return new Set(columns.filter((name) => signalColumns.includes(name)));
}

async function readSignals(build: OpenBuild, partition: number): Promise<Map<string, Row>> {
  const signals = new Map<string, Row>();
  for (const step of build.rowSteps) {
    const part = build.state.rows.get(step)?.get(partition);
    const names = signalColumns.filter((name) => part?.columns[name] !== undefined);
    if (names.length === 0) continue;
    for (const [id, row] of await readColumns(build, part, [...names, 'verdict']))
      if (row.verdict === undefined) signals.set(id, { ...signals.get(id), ...row });
  }
  return signals;
}
