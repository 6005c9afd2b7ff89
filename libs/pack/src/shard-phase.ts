// Phase `shards`: plans the shards of each (split, source) from the documents' counts, keeps those whose documents are
// what they were, writes the others, and last the index, which names everything. The lineage table says for each document
// in which shard, row and tokens it lies.

import type { OutputFile, Phase, PhaseTask } from '@gristmill/corpus';
import { buildIndex, formatIndex, type ShardEntry, type TableDefinition } from '@gristmill/shards';
import { documentColumns } from './document-table.ts';
import { findEarlier } from './earlier-shards.ts';
import { resolvePackOptions, type PackOptions } from './pack-options.ts';
import { planShards, type ShardPlans } from './shard-plan.ts';
import { describeTokenizer, type TokenizerFacts } from './text-encoder.ts';
import { writeShards } from './write-shards.ts';

const lineageTable: TableDefinition = {
  name: 'lineage',
  columns: [
    { name: 'split', type: 'string' },
    { name: 'file', type: 'string' },
    { name: 'row', type: 'int32' },
    /** First token in the shard, and how many with end-of-text. */
    { name: 'start', type: 'float64' },
    { name: 'tokens', type: 'int32' },
  ],
};

/** What each shard was made of, so that an unchanged one is kept. Its id is a hash of its documents. */
const plansTable: TableDefinition = {
  name: 'plans',
  columns: [{ name: 'shard', type: 'json' }],
};

export const shardPhase: Phase<PackOptions> = {
  name: 'shards',
  over: 'whole',
  inputs: () => [{ name: 'documents', table: 'documents', columns: documentColumns, parts: 'all' }],
  tables: [lineageTable, plansTable],
  run: writeAll,
};

async function writeAll(task: PhaseTask<PackOptions>): Promise<void> {
  const options = resolvePackOptions(task.options);
  const tokenizer = describeTokenizer(task.artefacts, options);
  const limitTokens = Math.floor(options.shardBytes / tokenizer.width);
  const planned = await planShards(task, { seed: options.seed, limitTokens });
  const known = await knownShards(task);
  const wanted = [...planned.plans.keys()].filter((number) => !known.has(planned.plans[number].key));
  const earlier = wanted.length > 0 ? await findEarlierTokens(task, planned, known) : undefined;
  const written = await writeShards(task, planned, { wanted, tokenizer, earlier });
  const shards = planned.plans.map(({ key }, number) => {
    const shard = known.get(key);
    if (shard === undefined) return written.get(number)!;
    task.keepFile({ name: shard.file, bytes: shard.bytes, sha256: shard.sha256 });
    return shard;
  });
  await finish(task, planned, shards, { ...tokenizer, seed: options.seed });
}

/** Loss masks lie apart from the tokens: conversations are taken from the table. */
function findEarlierTokens(
  task: PhaseTask<PackOptions>,
  { documents }: ShardPlans,
  known: ReadonlyMap<string, ShardEntry>,
) {
  const { conversations } = resolvePackOptions(task.options);
  const isWanted = (group: number) => !conversations.includes(documents.groups[group].source);
  return findEarlier(task, documents, { shards: [...known.values()], isWanted });
}

async function knownShards(task: PhaseTask<PackOptions>): Promise<Map<string, ShardEntry>> {
  const known = new Map<string, ShardEntry>();
  if (task.previous === undefined) return known;
  const files = new Set(task.previous.files.map((file: OutputFile) => file.name));
  for (const part of task.previous.output('plans').parts) {
    for await (const batch of part.batches(['shard'])) {
      batch.keys.forEach((key, i) => {
        const shard = batch.columns.shard[i] as unknown as ShardEntry;
        if (files.has(shard.file)) known.set(key, shard);
      });
    }
  }
  return known;
}

async function finish(
  task: PhaseTask<PackOptions>,
  planned: ShardPlans,
  shards: readonly ShardEntry[],
  facts: TokenizerFacts & { seed: number },
): Promise<void> {
  const plans = await task.write('plans', 0);
  const rows = planned.plans.map(({ key }, number) => ({ id: key, shard: { ...shards[number] } }));
  await plans.writeAll(rows.sort((a, b) => (a.id < b.id ? -1 : 1)));
  await writeLineage(task, planned, shards);
  await task.writeFile('tokenizer.json', [facts.bytes]);
  const { vocabSize, endOfText, seed } = facts;
  const tokenizer = { file: 'tokenizer.json', sha256: facts.sha256 };
  const { conversations } = resolvePackOptions(task.options);
  const hasLossMasks = shards.some(({ source }) => conversations.includes(source));
  const index = buildIndex(
    { key: task.key, vocabSize, endOfText, seed, tokenizer, hasLossMasks: hasLossMasks || undefined },
    shards,
  );
  await task.replaceFile('index.json', formatIndex(index));
  for (const [split, { documents, tokens }] of Object.entries(index.splits)) {
    task.count(`documents.${split}`, documents);
    task.count(`tokens.${split}`, tokens);
  }
}

/** One partition's rows are in memory at a time. */
async function writeLineage(
  task: PhaseTask<PackOptions>,
  { documents, ...planned }: ShardPlans,
  shards: readonly ShardEntry[],
): Promise<void> {
  for (let partition = 0; partition < task.partitions; partition++) {
    const [first, end] = [documents.firsts[partition], documents.firsts[partition + 1]];
    if (first === end) continue;
    const own = (column: Uint32Array) => Array.from(column.subarray(first, end));
    const entries = own(planned.shards).map((number) => shards[number]);
    const writer = await task.write('lineage', partition);
    await writer.writeColumns({
      rows: end - first,
      keys: Array.from({ length: end - first }, (_, i) => documents.id(first + i)),
      columns: {
        split: entries.map(({ split }) => split),
        file: entries.map(({ file }) => file),
        row: own(planned.rows),
        start: own(planned.starts),
        tokens: own(documents.tokens),
      },
    });
  }
}
