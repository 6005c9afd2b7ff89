// Lineage both ways, computed and not stored: from a step's rows to their documents, and from a document to the steps
// that saw it. The order is a pure function of the pinned index, so both are arithmetic over the shards' heads; no
// token is read. Documents are found by the hash that orders them, without a table.

import type { Component } from './loader-components.ts';
import { documentAt } from './loader-batch.ts';
import type { Ramp } from './loader-ramp.ts';
import type { Loader, RowSource } from './loader.ts';
import type { ShardEntry } from './token-index.ts';
import { orderHash, prefixBits } from './token-plan.ts';
import { idAt, type Tokens } from './token-reader.ts';

/** Part of a document in a row of a step. */
export interface RowDocument {
  readonly id: string;
  /** Row of the shard. */
  readonly shardRow: number;
  /** Tokens [start, end) of the document, its end-of-text token included. */
  readonly start: number;
  readonly end: number;
}

export interface TracedRow {
  readonly source: RowSource;
  readonly documents: readonly RowDocument[];
}

/** A step that saw (part of) a document. */
export interface DocumentStep {
  readonly step: number;
  /** Row of the global batch. */
  readonly row: number;
  readonly component: string;
  readonly epoch: number;
  /** Tokens [start, end) of the document. */
  readonly start: number;
  readonly end: number;
}

export interface DocumentPlace {
  readonly shard: ShardEntry;
  /** Row of the shard. */
  readonly row: number;
  /** First token in the shard, and how many with end-of-text. */
  readonly start: number;
  readonly tokens: number;
}

/** The documents of every row of a step; undefined for rows that are padding. */
export async function traceStep(loader: Loader, step: number): Promise<(TracedRow | undefined)[]> {
  const { components, tokens } = loader.internals;
  const rows: (TracedRow | undefined)[] = [];
  for (const source of loader.rows(step)) {
    const component = components.find(({ name }) => name === source?.component);
    rows.push(source && component && { source, documents: await documentsOf(tokens, component, source) });
  }
  return rows;
}

/** The document and where it lies, in any split unless told; undefined when no shard has it. */
export async function findDocument(
  tokens: Tokens,
  id: string,
  shards: Iterable<ShardEntry> = tokens.index.shards,
): Promise<DocumentPlace | undefined> {
  const hash = orderHash(id, tokens.index.seed);
  const bits = prefixBits(hash, 64);
  for (const shard of shards) {
    if (!bits.startsWith(shard.prefix)) continue;
    const { ids, offsets, documents } = await tokens.head(shard);
    const row = searchRow(ids, documents, { id, hash, seed: tokens.index.seed });
    if (row === undefined) continue;
    return { shard, row, start: offsets[row], tokens: offsets[row + 1] - offsets[row] };
  }
  return undefined;
}

/** Every (step, row) before `steps` that saw the document, by step and row. */
export async function traceDocument(loader: Loader, id: string, steps: number): Promise<DocumentStep[]> {
  const { tokens, components, ramp } = loader.internals;
  const drawnFrom = new Set(components.flatMap(({ shards }) => shards));
  const place = await findDocument(tokens, id, drawnFrom);
  if (place === undefined) return [];
  const rows = Math.ceil(ramp.at(steps).first / ramp.sequenceLength);
  const seen: DocumentStep[] = [];
  for (const [ordinal, component] of components.entries()) {
    const shard = component.shards.findIndex(({ file }) => file === place.shard.file);
    if (shard < 0) continue;
    for (const { sample, ...part } of await samplesOf(component, shard, place)) {
      for (const { row, epoch } of visits(loader, ordinal, { shard, sample }, rows)) {
        const visit = { component: component.name, epoch };
        for (const found of stepsOf(ramp, row, part))
          if (found.step < steps) seen.push({ ...visit, ...found });
      }
    }
  }
  return seen.sort((a, b) => a.step - b.step || a.row - b.row || a.start - b.start);
}

/** Part of a document in a sample. */
interface SamplePart {
  /** Tokens [start, end) of the document. */
  readonly start: number;
  readonly end: number;
  /** Slot of the sample that the first of them has. */
  readonly slot: number;
}

/** The rows of steps that a part lies in, when its sample is a row of the training; a ramp may cut it. */
function* stepsOf(ramp: Ramp, row: number, { start, end, slot }: SamplePart) {
  for (let at = start; at < end;) {
    const place = row * ramp.sequenceLength + slot + at - start;
    const step = ramp.stepOf(place);
    if (step === undefined) {
      at++;
      continue;
    }
    const { first, sequenceLength } = ramp.at(step);
    const of = Math.floor((place - first) / sequenceLength);
    const until = Math.min(end, at + first + (of + 1) * sequenceLength - place);
    yield { step, row: of, start: at, end: until };
    at = until;
  }
}

async function documentsOf(tokens: Tokens, component: Component, source: RowSource): Promise<RowDocument[]> {
  const shard = component.shards.indexOf(source.shard);
  const ranges = cutRanges((await component.plan(shard)).ranges(source.sample), source);
  const { ids, offsets } = await tokens.head(source.shard);
  const documents: RowDocument[] = [];
  for (let i = 0; i < ranges.length; i += 2) {
    for (let row = documentAt(offsets, ranges[i]); offsets[row] < ranges[i + 1]; row++) {
      const start = Math.max(ranges[i], offsets[row]) - offsets[row];
      const end = Math.min(ranges[i + 1], offsets[row + 1]) - offsets[row];
      documents.push({ id: idAt(ids, row), shardRow: row, start, end });
    }
  }
  return documents;
}

/** What of a sample's ranges has the slots [start, end). */
function cutRanges(ranges: readonly number[], { start, end }: Pick<RowSource, 'start' | 'end'>): number[] {
  const cut: number[] = [];
  let slot = 0;
  for (let i = 0; i < ranges.length; i += 2) {
    const [from, to] = [Math.max(0, start - slot), Math.min(ranges[i + 1] - ranges[i], end - slot)];
    if (from < to) cut.push(ranges[i] + from, ranges[i] + to);
    slot += ranges[i + 1] - ranges[i];
  }
  return cut;
}

/** Documents are in the order of (hash, id). */
function searchRow(
  ids: Uint8Array,
  documents: number,
  wanted: { id: string; hash: bigint; seed: number },
): number | undefined {
  let [low, high] = [0, documents - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const id = idAt(ids, middle);
    if (id === wanted.id) return middle;
    const hash = orderHash(id, wanted.seed);
    if (hash < wanted.hash || (hash === wanted.hash && id < wanted.id)) low = middle + 1;
    else high = middle - 1;
  }
  return undefined;
}

/** Samples of the shard that hold tokens of the document. */
async function samplesOf(
  component: Component,
  shard: number,
  place: DocumentPlace,
): Promise<(SamplePart & { readonly sample: number })[]> {
  const plan = await component.plan(shard);
  const found: (SamplePart & { readonly sample: number })[] = [];
  const [from, to] = [place.start, place.start + place.tokens];
  for (let sample = 0; sample < plan.samples; sample++) {
    const ranges = plan.ranges(sample);
    let slot = 0;
    for (let i = 0; i < ranges.length; i += 2) {
      const [start, end] = [Math.max(from, ranges[i]), Math.min(to, ranges[i + 1])];
      if (start < end)
        found.push({ sample, start: start - from, end: end - from, slot: slot + start - ranges[i] });
      slot += ranges[i + 1] - ranges[i];
    }
  }
  return found;
}

/** Rows of the training, below `rows`, at which a sample comes up: once an epoch of its component. */
function* visits(
  loader: Loader,
  component: number,
  reference: { shard: number; sample: number },
  rows: number,
): Generator<{ row: number; epoch: number }> {
  const { rowPlan, components, epochs } = loader.internals;
  const { order } = components[component];
  const drawn = rowPlan.counts(rows)[component];
  for (let epoch = 0; epoch < epochs && epoch * order.total < drawn; epoch++) {
    const position = epoch * order.total + order.positionOf(epoch, reference);
    if (position >= drawn) continue;
    const row = rowPlan.rowOf(component, position);
    if (row !== undefined && row < rows) yield { row, epoch };
  }
}
