import { spawnSync } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { createPool, packStrings, unpackStrings, type WorkerPool } from '@gristmill/workers';
import { waste } from './jobs.ts';

const module = new URL('./jobs.ts', import.meta.url).href;
const pools: WorkerPool[] = [createPool(0), createPool(2)];
afterAll(async () => {
  for (const pool of pools) await pool.close();
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe.each(pools)('a pool of $threads threads', (pool) => {
  it('gives outputs in the order of the inputs, whichever is done first', async () => {
    const inputs = Array.from({ length: 20 }, (_, i) => i);
    const outputs = await collect(pool.map({ module, export: 'slowFirst' }, inputs));
    expect(outputs).toEqual(inputs);
  });

  it('passes options and large arrays', async () => {
    const inputs = Array.from({ length: 6 }, (_, i) => new Float64Array(20_000).fill(i));
    const job = { module, export: 'scale', options: { factor: 3 } };
    const outputs = await collect(pool.map<Float64Array, { values: Float64Array }>(job, inputs));
    expect(outputs.map(({ values }) => values[19_999])).toEqual([0, 3, 6, 9, 12, 15]);
  });

  it('ends the iteration with the error of the input that fails, class and hint kept', async () => {
    const seen: number[] = [];
    const run = async () => {
      for await (const output of pool.map<number, number>({ module, export: 'failing' }, [1, 2, 3, 4])) {
        seen.push(output);
      }
    };
    await expect(run()).rejects.toMatchObject({ name: 'DataError', code: 'three', hint: 'use another' });
    expect([1, 2].slice(0, seen.length)).toEqual(seen);
  });

  it('names a job that does not exist', async () => {
    await expect(pool.run({ module, export: 'nothing' }, 1)).rejects.toMatchObject({ code: 'unknown-job' });
  });

  it('takes no more inputs than it has in flight', async () => {
    let taken = 0;
    function* inputs() {
      for (let i = 0; i < 20; i++) yield (taken++, i);
    }
    const iteration = pool.map<number, number>({ module, export: 'slowFirst' }, inputs(), { inFlight: 3 });
    await iteration.next();
    expect(taken).toBeLessThanOrEqual(4);
    await iteration.return(undefined);
  });
});

it('tells an error while another job runs without end, and has its threads for what comes next', async () => {
  const job = { module, export: 'endlessOrFailing' };
  await expect(collect(pools[1].map(job, ['endless', 'failing']))).rejects.toMatchObject({ code: 'fails' });
  expect(await collect(pools[1].map(job, ['a', 'b', 'c']))).toEqual(['a', 'b', 'c']);
});

describe('the process with the pool', () => {
  const program = fileURLToPath(new URL('./end-process.ts', import.meta.url));
  const run = (what: string) => spawnSync(process.execPath, [program, what], { encoding: 'utf8' });

  it('goes on when a job that was ended had answered already', () => {
    expect(run('late-answer')).toMatchObject({
      stdout: 'first\nno third input\nnext job\n',
      stderr: '',
      status: 0,
    });
  });

  it('ends with a fault of a thread that no job can bear', () => {
    expect(run('fault')).toMatchObject({
      stderr: expect.stringContaining('a fault of the thread'),
      status: 1,
    });
  });
});

it('moves a large array that owns its buffer instead of copying it', async () => {
  const input = new Float64Array(20_000).fill(1);
  await pools[1].run({ module, export: 'scale', options: { factor: 2 } }, input);
  expect(input.length).toBe(0);
});

describe('memory of a thread that waits', () => {
  const pool = createPool(1, { residentBytes: 1 });
  afterAll(() => pool.close());
  const objects = 3e6;

  it('is returned by the threads of the pool', async () => {
    const held = (count: number) => pool.run<number, number>({ module, export: 'waste' }, count);
    expect(await held(objects)).toBeGreaterThan(200e6);
    await vi.waitFor(
      async () => {
        await setTimeout(1000);
        expect(await held(0)).toBeLessThan(60e6);
      },
      { timeout: 20_000, interval: 0 },
    );
  });

  it('is returned by the thread that has the pool', async () => {
    const run = await waste({});
    const held = await run(objects);
    await vi.waitFor(
      async () => {
        await setTimeout(1000);
        expect(await run(0)).toBeLessThan(held - 150e6);
      },
      // V8 does so by itself after 8 s or more.
      { timeout: 6000, interval: 0 },
    );
  });
});

const stringLists: { strings: string[] }[] = [
  { strings: [] },
  { strings: ['', 'a', 'ü', '𝄞'] },
  { strings: ['x'.repeat(70_000)] },
  { strings: ['lone \ud800 surrogate', 'é'] },
];
it.each(stringLists)('packs strings into one buffer and unpacks the same: %#', ({ strings }) => {
  expect(unpackStrings(packStrings(strings))).toEqual(strings);
});
