// Tables of components after a change. Made again are the components with a document that changed or an edge that is gone or
// open (see patch-pairs.ts), from their earlier rows; they take in forms that were in none. No other component is touched:
// its documents, forms and edges are what they were, and no new edge leads to it, since both ends of every edge that may
// have changed are named here.

import { LargeMap, LargeSet, type Row } from '@gristmill/core';
import type { PhaseTask } from '@gristmill/corpus';
import { hexOf, type TableReader } from '@gristmill/shards';
import type { ChangedDocuments } from './changed-documents.ts';
import type { DedupOptions } from './dedup-options.ts';
import { HexIndex } from './hex-index.ts';
import type { LocalForms } from './local-forms.ts';
import type { PairChange } from './patch-pairs.ts';
import { patchTable } from './patch-table.ts';
import { leastEdge } from './similar-pairs.ts';
import { UnionFind } from './union-find.ts';

interface Member {
  readonly id: string;
  readonly hash: string;
  readonly length: number;
}
interface Edge {
  readonly a: string;
  readonly b: string;
  readonly similarity: number;
  readonly star: boolean;
  readonly sameAddress: boolean;
}
interface Component {
  readonly members: Member[];
  readonly edges: Edge[];
}

export async function patchClusters(
  task: PhaseTask<DedupOptions>,
  change: PairChange,
  changed: ChangedDocuments,
): Promise<void> {
  const touched = touchedForms(change, changed);
  const output = (table: string): TableReader => task.previous!.output(table);
  const components = await componentsOf(output('members'), touched);
  const names = [...components];
  const oldMembers = await readRows<Member & Keyed>(output('clusters'), names, ['id', 'hash', 'length']);
  const oldEdges = await readRows<Edge & Keyed>(output('edges'), names, edgeColumns);
  const members = membersNow(oldMembers, touched, { local: change.local, changed });
  const rebuilt = joinMembers(members, edgesNow(oldEdges, change));
  const countMembers = await patchTable(task, 'members', {
    removed: new LargeMap(oldMembers.map(({ id }) => [id, 1])),
    added: new LargeMap(memberRows(rebuilt)),
  });
  await patchTable(task, 'clusters', {
    removed: countKeys(oldMembers),
    added: rowsBy(rebuilt, ({ members: rows }) => rows),
  });
  const countEdges = await patchTable(task, 'edges', {
    removed: countKeys(oldEdges),
    added: rowsBy(rebuilt, ({ edges }) => edges),
  });
  task.count('edges', countEdges);
  const earlier = task.previous!.counts.components;
  task.count('components', earlier - components.size + rebuilt.size);
  task.count('members', countMembers);
}

const edgeColumns = ['a', 'b', 'similarity', 'star', 'sameAddress'];
type Keyed = { readonly component: string };

async function readRows<T>(
  table: TableReader,
  keys: readonly string[],
  columns: readonly string[],
): Promise<T[]> {
  return (await table.get(keys, columns)) as unknown as T[];
}

/** Hashes of forms of which a document came, went or changed, or an edge did. */
function touchedForms({ local, old, pairs, isGone }: PairChange, changed: ChangedDocuments): HexIndex {
  const touched = new HexIndex();
  for (const { hash } of [...changed.old, ...changed.now]) touched.addHex(hash);
  for (let row = 0; row < old.length; row++) {
    const [a, b] = old.ends(row);
    if (b < 0 || !isGone(a, b) || old.at(row).similarity < leastEdge) continue;
    touched.addHex(local.hashes[a]);
    touched.addHex(local.hashes[b]);
  }
  for (const [i, code] of pairs.codes.entries()) {
    if (pairs.similarities[i] < leastEdge) continue;
    touched.addHex(local.hashes[Math.floor(code / local.count)]);
    touched.addHex(local.hashes[code % local.count]);
  }
  return touched;
}

/** Earlier components with such a form. */
async function componentsOf(members: TableReader, touched: HexIndex): Promise<Set<string>> {
  const components = new Set<string>();
  for (const part of members.parts) {
    for await (const { rows, pages } of part.pages(['component', 'hash'])) {
      const hash = pages.hash!;
      for (let row = 0; row < rows; row++) {
        if (touched.find(hash.plain, hash.starts[row] + 4) < 0) continue;
        components.add(hexOf(pages.component!, row));
      }
    }
  }
  return components;
}

/** Documents of the touched components and forms, in the order of ids. */
function membersNow(
  old: readonly Member[],
  touched: HexIndex,
  { local, changed }: { local: LocalForms; changed: ChangedDocuments },
): Member[] {
  const members = old.filter(({ id }) => !changed.ids.has(id));
  const known = new LargeSet(old.map(({ hash }) => hash));
  for (let number = 0; number < touched.length; number++) {
    const hash = touched.at(number);
    // A form that was in no component had one document, which may have stayed.
    const document = known.has(hash) ? undefined : local.unchanged[local.numberOf(hash)];
    if (document) members.push({ ...document, hash });
  }
  members.push(...changed.now.map(({ id, hash, length }) => ({ id, hash, length })));
  return members.sort((x, y) => (x.id < y.id ? -1 : 1));
}

function edgesNow(old: readonly Edge[], { local, pairs, isGone }: PairChange): Edge[] {
  const edges = old.filter(({ a, b }) => {
    const ends = [local.numberOf(a), local.numberOf(b)];
    return Math.min(...ends) < 0 || !isGone(ends[0], ends[1]);
  });
  for (const [i, code] of pairs.codes.entries()) {
    if (pairs.similarities[i] < leastEdge) continue;
    edges.push({
      a: local.hashes[Math.floor(code / local.count)],
      b: local.hashes[code % local.count],
      similarity: pairs.similarities[i],
      star: pairs.stars[i] === 1,
      sameAddress: pairs.sameAddress[i] === 1,
    });
  }
  return edges.sort((x, y) => (x.a < y.a || (x.a === y.a && x.b < y.b) ? -1 : 1));
}

/** Components by name. @param members in the order of ids */
function joinMembers(members: readonly Member[], edges: readonly Edge[]): LargeMap<string, Component> {
  const numbers = new LargeMap<string, number>();
  const sets = new UnionFind();
  for (const { hash } of members) {
    const number = numbers.get(hash);
    if (number === undefined) numbers.set(hash, numbers.size);
    else sets.add(number);
  }
  for (const { a, b } of edges) sets.join(numbers.get(a)!, numbers.get(b)!);
  const components = new LargeMap<string, Component>();
  const byRoot = new LargeMap<number, Component>();
  for (const member of members) {
    const number = numbers.get(member.hash)!;
    if (!sets.has(number)) continue;
    let component = byRoot.get(sets.find(number));
    if (!component) {
      component = { members: [], edges: [] };
      byRoot.set(sets.find(number), component);
      components.set(member.id, component);
    }
    component.members.push(member);
  }
  for (const edge of edges) byRoot.get(sets.find(numbers.get(edge.a)!))!.edges.push(edge);
  return components;
}

function* memberRows(components: ReadonlyMap<string, Component>): Generator<[string, Row[]]> {
  for (const [component, { members }] of components)
    for (const { id, hash } of members) yield [id, [{ id, component, hash }]];
}

function rowsBy(
  components: ReadonlyMap<string, Component>,
  rowsOf: (component: Component) => readonly object[],
): LargeMap<string, Row[]> {
  const rows = new LargeMap<string, Row[]>();
  for (const [name, component] of components) {
    const own = rowsOf(component);
    if (own.length > 0)
      rows.set(
        name,
        own.map((row) => ({ ...row, component: name }) as unknown as Row),
      );
  }
  return rows;
}

function countKeys(rows: readonly Keyed[]): LargeMap<string, number> {
  const counts = new LargeMap<string, number>();
  for (const { component } of rows) counts.set(component, (counts.get(component) ?? 0) + 1);
  return counts;
}
