// What a loader draws from: for each component of the mixture its shards, how many samples each gives, and their
// order. Counting the samples of whole shards needs the index alone; filters and best-fit packing read the shards'
// heads once, and a run may keep the counts (`sampleCounts`) so that resuming reads none.

import { DataError } from '@gristmill/core';
import type { DocumentMatch, MixtureComponent } from './loader-mixture.ts';
import { createOrder, mixSeed, type SampleOrder } from './loader-order.ts';
import { planDocuments, planWhole, type Packing, type SamplePlan } from './loader-plan.ts';
import type { ShardEntry } from './token-index.ts';
import type { Tokens } from './token-reader.ts';
import type { ShardHead } from './token-shard.ts';

export interface Component {
  readonly name: string;
  readonly shards: readonly ShardEntry[];
  /** Samples and tokens of each shard. */
  readonly counts: readonly SampleCount[];
  readonly order: SampleOrder;
  /** Built on first use, the last few kept. */
  plan(shard: number): Promise<SamplePlan>;
}

export interface SampleCount {
  readonly samples: number;
  readonly tokens: number;
}

export interface ComponentOptions {
  readonly split: string;
  readonly sequenceLength: number;
  readonly packing: Packing;
  readonly shuffle: boolean;
  readonly seed: number;
  readonly windowSpans?: number;
  /** True: a shard that cannot be read counts as having no samples, and is reported. */
  readonly skipDamaged: boolean;
  /** Counts by component and shard file, as `Loader.sampleCounts` gave them. */
  readonly sampleCounts?: Readonly<Record<string, SampleCount>>;
  onDamage(error: DataError): void;
}

export async function openComponent(
  tokens: Tokens,
  definition: MixtureComponent,
  ordinal: number,
  options: ComponentOptions,
): Promise<Component> {
  const match = definition.match ?? {};
  const shards = tokens.index.shards.filter(
    (shard) => shard.split === options.split && includes(match.source, shard.source),
  );
  const plans = new Map<number, Promise<SamplePlan>>();
  const plan = (shard: number) => {
    const found = plans.get(shard) ?? planShard(tokens, shards[shard], match, options);
    plans.delete(shard);
    plans.set(shard, found);
    if (plans.size > 256) plans.delete(plans.keys().next().value!);
    return found;
  };
  const counts: SampleCount[] = [];
  for (let shard = 0; shard < shards.length; shard++) {
    const known = options.sampleCounts?.[countKey(definition.name, shards[shard])];
    counts.push(known ?? (await countSamples(plan, shard, options)));
  }
  const { sequenceLength, shuffle, seed, windowSpans } = options;
  const samples = counts.map((count) => count.samples);
  const order = createOrder({ samples, sequenceLength, shuffle, windowSpans, seed: mixSeed(seed, ordinal) });
  return { name: definition.name, shards, counts, order, plan };
}

export function countKey(component: string, shard: ShardEntry): string {
  return `${component} ${shard.file}`;
}

async function countSamples(
  plan: (shard: number) => Promise<SamplePlan>,
  shard: number,
  options: ComponentOptions,
): Promise<SampleCount> {
  try {
    const { samples, tokens } = await plan(shard);
    return { samples, tokens };
  } catch (error) {
    if (!(error instanceof DataError) || !options.skipDamaged) throw error;
    options.onDamage(error);
    return { samples: 0, tokens: 0 };
  }
}

async function planShard(
  tokens: Tokens,
  shard: ShardEntry,
  match: DocumentMatch,
  options: ComponentOptions,
): Promise<SamplePlan> {
  const { sequenceLength, packing } = options;
  const filtered = Object.keys(match).some((name) => name !== 'source');
  if (!filtered && packing === 'concat') return planWhole(shard.tokens, sequenceLength);
  const head = await tokens.head(shard);
  return planDocuments(head, { sequenceLength, packing, select: (row) => matches(head, row, match) });
}

function matches(head: ShardHead, row: number, match: DocumentMatch): boolean {
  const quality = head.quality?.[row];
  return (
    includes(match.language, head.language?.[row]) &&
    includes(match.domain, head.domain?.[row]) &&
    includes(match.topic, head.topic?.[row]) &&
    (match.minQuality === undefined || (quality !== undefined && quality >= match.minQuality)) &&
    (match.maxQuality === undefined || (quality !== undefined && quality <= match.maxQuality))
  );
}

function includes(wanted: string | readonly string[] | undefined, value: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (value === undefined) return false;
  return typeof wanted === 'string' ? wanted === value : wanted.includes(value);
}
