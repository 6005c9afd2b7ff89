// Posts as threads: each post behind the one that it answers, answers to one post by date. Posts of a long file pass through
// scratch files by their thread, so what is held is some threads, not the file.

import { hash } from 'node:crypto';
import { mkdtemp, open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Post } from './post-formats.ts';

export interface Thread {
  readonly id: string;
  /** In reading order, deleted ones left out; a thread of which nothing is left has none. */
  readonly posts: readonly Post[];
}

interface Placed extends Post {
  readonly thread: string;
  /** Position in the file. */
  readonly at: number;
}

const heldBytes = 48 << 20;
const scratchFiles = 64;

/** Threads by the position of their first post, slice by slice of a hash of their ids where the posts are many. */
export async function* gatherThreads(posts: AsyncIterable<Post>): AsyncGenerator<Thread> {
  const roots = new Map<string, string>();
  const held: Placed[] = [];
  let bytes = 0;
  let at = 0;
  await using scratch = createScratch();
  for await (const post of posts) {
    const placed = { ...post, thread: rootOf(post, roots), at: at++ };
    held.push(placed);
    bytes += post.text.length * 2 + 400;
    if (bytes < heldBytes) continue;
    await scratch.add(held.splice(0));
    bytes = 0;
  }
  if (!scratch.isUsed()) return yield* threadsOf(held, roots);
  await scratch.add(held.splice(0));
  for (let slice = 0; slice < scratchFiles; slice++) yield* threadsOf(await scratch.read(slice), roots);
}

/** A record that names no thread belongs to that of the post it answers, where that came before it. */
function rootOf({ id, parent, thread }: Post, roots: Map<string, string>): string {
  if (thread !== undefined) return thread;
  const root = parent === undefined ? id : (roots.get(parent) ?? parent);
  roots.set(id, root);
  return root;
}

/** Where an answer came before what it answers, its thread is found again: the first post that nobody is known to precede. */
function finalRoot(thread: string, roots: ReadonlyMap<string, string>): string {
  let root = thread;
  for (let steps = 0; steps < 10_000; steps++) {
    const next = roots.get(root);
    if (next === undefined || next === root) break;
    root = next;
  }
  return root;
}

function* threadsOf(posts: readonly Placed[], roots: ReadonlyMap<string, string>): Generator<Thread> {
  const threads = Map.groupBy(posts, ({ thread }) => finalRoot(thread, roots));
  for (const [id, own] of threads) yield { id, posts: inOrder(own).filter(({ isDeleted }) => !isDeleted) };
}

const isBefore = (a: Placed, b: Placed): number => {
  const [dateA, dateB] = [a.date ?? '', b.date ?? ''];
  return dateA < dateB ? -1 : dateA > dateB ? 1 : a.at - b.at;
};

/** Depth first. Posts whose parents are not here, or go round in circles, stand by date among the first. */
function inOrder(posts: readonly Placed[]): Placed[] {
  const ids = new Set(posts.map(({ id }) => id));
  const isFirst = ({ id, parent }: Placed): boolean =>
    parent === undefined || parent === id || !ids.has(parent);
  const answers = Map.groupBy(
    posts.filter((post) => !isFirst(post)),
    ({ parent }) => parent!,
  );
  const ordered: Placed[] = [];
  const taken = new Set<Placed>();
  const take = (first: readonly Placed[]): void => {
    const open = [...first].sort(isBefore).reverse();
    for (let post = open.pop(); post; post = open.pop()) {
      if (taken.has(post)) continue;
      taken.add(post);
      ordered.push(post);
      open.push(...(answers.get(post.id) ?? []).toSorted(isBefore).reverse());
    }
  };
  take(posts.filter(isFirst));
  for (const post of [...posts].sort(isBefore)) if (!taken.has(post)) take([post]);
  return ordered;
}

function createScratch() {
  let folder: string | undefined;
  const files: FileHandle[] = [];
  const nameOf = (slice: number): string => join(folder!, String(slice));
  return {
    isUsed: () => folder !== undefined,
    async add(posts: readonly Placed[]): Promise<void> {
      if (folder === undefined) {
        folder = await mkdtemp(join(tmpdir(), 'gristmill-'));
        for (let slice = 0; slice < scratchFiles; slice++) files.push(await open(nameOf(slice), 'w'));
      }
      const slices = Map.groupBy(posts, ({ thread }) => hash('sha256', thread, 'buffer')[0] % scratchFiles);
      for (const [slice, own] of slices)
        await files[slice].write(own.map((post) => `${JSON.stringify(post)}\n`).join(''));
    },
    async read(slice: number): Promise<Placed[]> {
      const lines = (await readFile(nameOf(slice), 'utf8')).split('\n');
      return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Placed);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      for (const file of files) await file.close();
      if (folder !== undefined) await rm(folder, { recursive: true });
    },
  };
}
