// `gristmill table` beside hyparquet, which reads the same files by itself.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { tableFromIPC } from 'apache-arrow';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openBuild, openStepTable, readManifest, stepTableNames } from '@gristmill/corpus';
import { arrowStream } from '@gristmill/shards';
import { readableRow } from '../../apps/cli/src/readable-values.ts';
import { collect } from '../http/collect.ts';
import { TestCorpus } from '../corpus/corpora.ts';

const program = resolve('apps/cli/src/main.ts');
let corpus: TestCorpus;
beforeAll(async () => {
  corpus = await TestCorpus.make(10);
  await corpus.run();
});
afterAll(() => corpus[Symbol.asyncDispose]());

type Json = Record<string, unknown>;

function table(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const options = { cwd: corpus.folder, encoding: 'buffer', maxBuffer: 1 << 26 } as const;
    execFile(process.execPath, [program, 'table', 'corpus', ...args], options, (error, stdout, stderr) =>
      done({
        code: typeof error?.code === 'number' ? error.code : 0,
        stdout: stdout.toString('latin1'),
        stderr: String(stderr),
      }),
    );
  });
}

const linesOf = (latin1: string) =>
  Buffer.from(latin1, 'latin1')
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Json);

/** The rows of a step as hyparquet reads its files, without cells that are absent. */
async function readParquet(step: string): Promise<Json[]> {
  const manifest = (await readManifest(corpus.store()))!;
  const pattern = new RegExp(`^${step}/part-.*\\.parquet$`);
  const paths = manifest.files.map(({ path }) => path).filter((path) => pattern.test(path));
  const rows: Json[] = [];
  for (const path of paths.sort()) {
    const file = await readFile(join(corpus.folder, 'corpus', path));
    const read = await parquetReadObjects({
      file: {
        byteLength: file.length,
        slice: (from, to) =>
          file.buffer.slice(file.byteOffset + from, file.byteOffset + (to ?? file.length)) as ArrayBuffer,
      },
      compressors: { ZSTD: (input) => zstdDecompressSync(input) },
    });
    rows.push(...read.map((row) => present(row)).map(plain));
  }
  return rows;
}

/** JSON columns are text in the file. */
const plain = (row: Json): Json =>
  typeof row.verdict === 'string' ? { ...row, verdict: JSON.parse(row.verdict) as Json } : row;

const present = (row: Json) =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null));

it('prints every row of a step as another reader of the files has it, to the last digit', async () => {
  for (const step of ['acquire', 'annotate-length']) {
    const { code, stdout } = await table(step);
    expect(code).toBe(0);
    const rows = linesOf(stdout);
    expect(rows.length).toBeGreaterThan(10);
    expect(rows).toEqual(await readParquet(step));
  }
});

it('prints named columns, and the table that a barrier stage is known by', async () => {
  const build = await openBuild(corpus.store(), (await readManifest(corpus.store()))!);
  expect(stepTableNames(build)).toEqual([
    'acquire',
    'extract',
    'clean',
    'annotate-length',
    'dedup/digests',
    'dedup/kept',
  ]);
  const rows = [];
  for await (const batch of (await openStepTable(build, 'dedup/kept')).batches(['twins']))
    rows.push(...batch.keys);
  expect(rows).toHaveLength(15);
  await expect(openStepTable(build, 'dedup')).rejects.toMatchObject({
    code: 'no-such-step',
    hint: 'name one of dedup/digests, dedup/kept',
  });
  const acquire = await openStepTable(build, 'acquire');
  expect(() => acquire.batches(['sourceNam'])).toThrow(/no column sourceNam/);
});

it('guesses the step that was meant', async () => {
  const { code, stderr } = await table('clena');
  expect(code).toBe(2);
  expect(stderr).toMatch(/has no step clena\n.*did you mean clean\?/);
});

it('streams Arrow that Arrow reads, with the same values', async () => {
  const { stdout } = await table('extract', '--format', 'arrow');
  const arrow = tableFromIPC(Buffer.from(stdout, 'latin1'));
  const rows = (arrow.toArray() as { toJSON(): Json }[]).map((row) => present(row.toJSON()));
  expect(rows.map(plain)).toEqual(await readParquet('extract'));
  const nothing = async function* () {};
  const chunks = await collect(arrowStream([{ name: 'id', type: 'string' }], nothing()));
  expect(tableFromIPC(Buffer.concat(chunks)).numRows).toBe(0);
});

it('spells bytes by what they hold', () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  const types = new Map(['bytes', 'spans', 'prints', 'marks'].map((name) => [name, 'bytes'] as const));
  const show = (name: string, row: Json) => readableRow(name, { id: 'x', ...row } as never, types);
  expect(show('acquire', { bytes: Buffer.from('tschüß') })).toEqual({ id: 'x', bytes: 'tschüß' });
  expect(show('acquire', { bytes: bytes(255, 0) })).toEqual({ id: 'x', bytes: { base64: '/wA=' } });
  expect(
    show('passages/repeats', { spans: bytes(5, 0, 0, 0, 2, 0, 0, 0, 10, 0, 0, 0, 1, 0, 0, 0) }).spans,
  ).toEqual([
    [5, 7],
    [15, 16],
  ]);
  expect(show('passages/prints', { prints: bytes(1, 0, 0, 0, 0, 0, 0, 128) }).prints).toEqual([
    '8000000000000001',
  ]);
  expect(show('pack/documents', { tokens: bytes(1, 1, 2, 0), count: 2 }).tokens).toEqual([257, 2]);
  expect(show('pack/documents', { tokens: bytes(1, 1, 2, 0), count: 1 }).tokens).toEqual([131329]);
  expect(show('x', { score: Number.NaN })).toEqual({ id: 'x', score: 'NaN' });
});
