// Phase `shards`: plans the shards of each (split, source) from the documents' counts, keeps those whose documents are
// what they were, gathers the tokens of the others in as few passes as memory allows, and writes the index, which
// names everything. The lineage table says for each document in which shard, row and tokens it lies.

import { createHash } from 'node:crypto';
import type { Row } from '@gristmill/core';
import type { OutputFile, Phase, PhaseTask } from '@gristmill/corpus';
import {
  buildIndex,
  encodeShard,
  formatIndex,
  partitionOf,
  shardEntry,
  type ShardEntry,
  type TableDefinition,
  type TokenDocument,
} from '@gristmill/shards';
import { documentColumns } from './document-table.ts';
import { MemberList } from './member-list.ts';
import { resolvePackOptions, type PackOptions } from './pack-options.ts';
import { describeTokenizer, type TokenizerFacts } from './text-encoder.ts';

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
  run: writeShards,
};

interface Plan {
  /** SHA-256 of everything that the shard is made of. */
  readonly key: string;
  readonly place: { readonly split: string; readonly source: string; readonly prefix: string };
  readonly members: MemberList;
  /** Of the members that lie in the shard, in its order. */
  readonly places: Uint32Array;
}

type PlannedShard = Plan & { readonly shard: ShardEntry };

/** Memory for the documents of one pass over the table; a shard is never cut, so a large one may take more. */
const passBytes = 1 << 29;
/** What a document takes beside its tokens while its shard is made. */
const documentBytes = 400;

async function writeShards(task: PhaseTask<PackOptions>): Promise<void> {
  const options = resolvePackOptions(task.options);
  const tokenizer = describeTokenizer(task.artefacts, options);
  const plans = await planAll(task, tokenizer, options);
  const known = await knownShards(task);
  const done: PlannedShard[] = [];
  let pass: Plan[] = [];
  let held = 0;
  for (const plan of plans) {
    const shard = known.get(plan.key);
    if (shard !== undefined) {
      task.keepFile({ name: shard.file, bytes: shard.bytes, sha256: shard.sha256 });
      done.push({ ...plan, shard });
      continue;
    }
    const bytes = tokensOf(plan) * tokenizer.width + plan.places.length * documentBytes;
    if (held + bytes > passBytes && pass.length > 0) {
      done.push(...(await writePass(task, pass, tokenizer)));
      [pass, held] = [[], 0];
    }
    pass.push(plan);
    held += bytes;
  }
  done.push(...(await writePass(task, pass, tokenizer)));
  await finish(task, done, { ...tokenizer, seed: options.seed });
}

function tokensOf({ members, places }: Plan): number {
  return places.reduce((sum, place) => sum + members.tokens(place), 0);
}

async function planAll(
  task: PhaseTask<PackOptions>,
  tokenizer: TokenizerFacts,
  options: { seed: number; shardBytes: number },
): Promise<Plan[]> {
  const groups = new Map<string, { split: string; source: string; members: MemberList }>();
  const columns = documentColumns.filter((name) => name !== 'tokens' && name !== 'mask');
  for (const part of task.input('documents').parts) {
    for await (const row of part.readRows(columns)) {
      const { id, split, source, count, ...facts } = row as Row & {
        split: string;
        source: string;
        count: number;
      };
      const key = JSON.stringify([split, source]);
      const group = groups.get(key) ?? { split, source, members: new MemberList() };
      groups.set(key, group);
      group.members.push(id, count + 1, facts);
    }
  }
  const limitTokens = Math.floor(options.shardBytes / tokenizer.width);
  return [...groups.keys()].sort().flatMap((key) => {
    const { split, source, members } = groups.get(key)!;
    return members.plan({ seed: options.seed, limitTokens }).map(({ prefix, places }) => {
      const place = { split, source, prefix };
      return { key: planKey(place, members, places), place, members, places };
    });
  });
}

function planKey({ split, source, prefix }: Plan['place'], members: MemberList, places: Uint32Array): string {
  const hash = createHash('sha256').update(`${JSON.stringify([split, source, prefix])}\n`);
  for (const place of places) hash.update(members.name(place));
  return hash.digest('hex');
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

/** Reads the tokens of some plans' documents and writes their shards. */
async function writePass(
  task: PhaseTask<PackOptions>,
  plans: readonly Plan[],
  tokenizer: TokenizerFacts,
): Promise<PlannedShard[]> {
  if (plans.length === 0) return [];
  const documents = await gatherDocuments(task, plans, tokenizer);
  const written: PlannedShard[] = [];
  for (const plan of plans) {
    const members = Array.from(plan.places, (place) => documents.get(plan.members.id(place))!);
    const encoded = encodeShard(members, tokenizer);
    const shard = shardEntry(encoded, plan.place);
    await task.writeFile(shard.file, [encoded.bytes]);
    await task.progress(members.length, encoded.bytes.length);
    written.push({ ...plan, shard });
  }
  return written;
}

async function gatherDocuments(
  task: PhaseTask<PackOptions>,
  plans: readonly Plan[],
  tokenizer: TokenizerFacts,
): Promise<Map<string, TokenDocument>> {
  const wanted = new Set<string>();
  for (const { members, places } of plans) for (const place of places) wanted.add(members.id(place));
  const documents = new Map<string, TokenDocument>();
  for (const part of task.input('documents').parts) {
    for await (const row of part.readRows(['language', 'domain', 'topic', 'quality', 'tokens', 'mask'])) {
      if (!wanted.has(row.id)) continue;
      const { language, domain, topic, quality } = row as unknown as TokenDocument;
      const tokens = tokenizer.decode(row.tokens as Uint8Array);
      const lossMask = row.mask as Uint8Array | undefined;
      documents.set(row.id, { id: row.id, language, domain, topic, quality, tokens, lossMask });
    }
  }
  return documents;
}

async function finish(
  task: PhaseTask<PackOptions>,
  shards: readonly PlannedShard[],
  facts: TokenizerFacts & { seed: number },
): Promise<void> {
  const plans = await task.write('plans', 0);
  for (const { key, shard } of [...shards].sort((a, b) => (a.key < b.key ? -1 : 1))) {
    await plans.write({ id: key, shard: { ...shard } });
  }
  await writeLineage(task, shards);
  await task.writeFile('tokenizer.json', [facts.bytes]);
  const { vocabSize, endOfText, seed } = facts;
  const tokenizer = { file: 'tokenizer.json', sha256: facts.sha256 };
  const { conversations } = resolvePackOptions(task.options);
  const hasLossMasks = shards.some(({ shard }) => conversations.includes(shard.source));
  const index = buildIndex(
    { key: task.key, vocabSize, endOfText, seed, tokenizer, hasLossMasks: hasLossMasks || undefined },
    shards.map(({ shard }) => shard),
  );
  await task.replaceFile('index.json', formatIndex(index));
  for (const [split, { documents, tokens }] of Object.entries(index.splits)) {
    task.count(`documents.${split}`, documents);
    task.count(`tokens.${split}`, tokens);
  }
}

/** Where each member of a list lies: shard (its number), row and first token, by place. */
interface Lineage {
  readonly shards: Uint32Array;
  readonly rows: Uint32Array;
  readonly starts: Float64Array;
}

/** One partition's rows are in memory at a time: members stand in the order of ids. */
async function writeLineage(task: PhaseTask<PackOptions>, shards: readonly PlannedShard[]): Promise<void> {
  const lists = new Map([...Map.groupBy(shards.entries(), ([, { members }]) => members)].map(placeMembers));
  const next = new Map([...lists.keys()].map((members) => [members, 0]));
  for (let partition = 0; partition < task.partitions; partition++) {
    const rows: Row[] = [];
    for (const [members, lineage] of lists) {
      let place = next.get(members)!;
      for (; place < members.length; place++) {
        const id = members.id(place);
        if (partitionOf(id, task.partitions) !== partition) break;
        const { split, file } = shards[lineage.shards[place]].shard;
        const [row, start] = [lineage.rows[place], lineage.starts[place]];
        rows.push({ id, split, file, row, start, tokens: members.tokens(place) });
      }
      next.set(members, place);
    }
    if (rows.length === 0) continue;
    rows.sort((a, b) => (a.id < b.id ? -1 : 1));
    await (await task.write('lineage', partition)).writeAll(rows);
  }
}

function placeMembers([members, shards]: [MemberList, [number, PlannedShard][]]): [MemberList, Lineage] {
  const lineage = {
    shards: new Uint32Array(members.length),
    rows: new Uint32Array(members.length),
    starts: new Float64Array(members.length),
  };
  for (const [number, { places }] of shards) {
    let start = 0;
    places.forEach((place, row) => {
      lineage.shards[place] = number;
      lineage.rows[place] = row;
      lineage.starts[place] = start;
      start += members.tokens(place);
    });
  }
  return [members, lineage];
}
