// The documents of a corpus put together again from the rows of its tables, and sums over them: for the tests of the audit,
// with which it shares no code.

export type Json = Record<string, unknown>;

export interface Document {
  readonly id: string;
  readonly row: Json;
  readonly kept: boolean;
  readonly tokens: number;
  readonly bytes: number;
  readonly of: (table: string) => Json;
}

/** @param tables their rows as `gristmill table` prints them */
export function documentsOf(tables: ReadonlyMap<string, Json[]>): Document[] {
  const byId = new Map([...tables].map(([name, rows]) => [name, new Map(rows.map((row) => [row.id, row]))]));
  return tables.get('acquire')!.map((row): Document => {
    const of = (name: string) => byId.get(name)!.get(row.id) ?? {};
    const kept = of('select').keep === true;
    const packed = of('pack');
    return {
      ...{ id: String(row.id), row, kept, of },
      tokens: kept ? Number(packed.count) + 1 : 0,
      bytes: kept ? Number(packed.bytes) : 0,
    };
  });
}

export const sum = (list: readonly Document[], of: 'tokens' | 'bytes') =>
  list.reduce((total, document) => total + document[of], 0);
export const kept = (list: readonly Document[]) => list.filter((document) => document.kept);
export const counts = (list: readonly Document[]) => ({
  documents: kept(list).length,
  bytes: sum(list, 'bytes'),
  tokens: sum(list, 'tokens'),
});
export const groups = (list: readonly Document[], key: (document: Document) => string) => [
  ...Map.groupBy(list, key),
];

/** By hand: the public suffix list is what the audit uses. */
export const registered: Readonly<Record<string, string>> = {
  'open.example.org': 'example.org',
  'www.closed.example.net': 'example.net',
  'reserved.example.co.uk': 'example.co.uk',
};
export const hostOf = ({ row }: Document) => (row.url === undefined ? '' : new URL(String(row.url)).hostname);
