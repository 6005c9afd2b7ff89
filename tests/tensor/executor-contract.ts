// What every executor owes: the same tests for all of them.
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  interpret,
  operations as o,
  type Executor,
  type Program,
  type Tensor,
} from '@gristmill/tensor';
import { byName, cases, drawInputs, relativeError } from './cases.ts';
import { drawProgram } from './random-programs.ts';

export interface ContractOptions {
  readonly name: string;
  open(): Executor | Promise<Executor>;
  /** Largest difference from the reference, relative to the largest number. */
  readonly tolerance?: number;
  /** Whether it computes in bf16; else it refuses to. */
  readonly bf16?: boolean;
  /** How many random programs are tried, in twenties. */
  readonly randomPrograms?: number;
  /** Why the tests are skipped, if they are. */
  readonly skipped?: string;
}

export function testExecutor(options: ContractOptions): void {
  const { name, open, tolerance = 1e-5, bf16, randomPrograms = 60, skipped } = options;
  let executor: Executor;
  beforeAll(async () => {
    if (!skipped) executor = await open();
  });
  afterAll(() => executor?.close());
  const check = (title: string, body: () => Promise<void>) =>
    test.skipIf(skipped)(`${name} ${title}${skipped ? ` (skipped: ${skipped})` : ''}`, body);

  /** Uploads, runs, downloads. */
  async function run(program: Program, values: Readonly<Record<string, ArrayLike<number>>>) {
    const executable = await executor.compile(program);
    const inputs: Record<string, Tensor> = {};
    for (const { name: input, value } of program.inputs)
      inputs[input] = await executor.upload(value, values[input]);
    // The second run must not see what the first left behind.
    executor.dispose(...Object.values(await executor.run(executable, inputs)));
    const outputs = await executor.run(executable, inputs);
    const read: Record<string, ArrayLike<number>> = {};
    for (const [output, tensor] of Object.entries(outputs)) read[output] = await executor.download(tensor);
    executor.dispose(executable, ...Object.values(inputs), ...Object.values(outputs));
    return read;
  }

  for (const one of cases)
    check(`agrees with the reference on ${one.name} and its gradient`, async () => {
      const b = createBuilder();
      const inputs = one.inputs.map(({ shape }, i) => b.input(`x${i}`, shape));
      const y = one.build(b, inputs);
      const gradients = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), inputs);
      const program = b.finish({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
      const values = byName(drawInputs(one, 5));
      const [got, expected] = [await run(program, values), interpret(program, values)];
      for (const output of Object.keys(expected))
        expect(relativeError(got[output], expected[output]), output).toBeLessThan(tolerance);
    });

  for (let seed = 1; seed <= randomPrograms; seed += 20)
    check(`agrees with the reference on random programs ${seed} to ${seed + 19}`, async () => {
      for (let i = seed; i < seed + 20; i++) {
        const { program, values } = drawProgram(i);
        const [got, expected] = [await run(program, values), interpret(program, values)];
        for (const output of Object.keys(expected)) {
          // Numbers are about 1, and what ought to cancel does so to rounding only.
          const [near, right] = [got[output], expected[output]].map((data) => [...Array.from(data), 1]);
          expect(relativeError(near, right), `seed ${i}, ${output}`).toBeLessThan(tolerance * 20);
        }
      }
    });

  /** total ← total + x, in total's own buffer. */
  function buildSum() {
    const b = createBuilder();
    const [total, x] = [b.input('total', [3]), b.input('x', [3])];
    return { program: b.finish({ total: o.add(b, total, x), twice: o.add(b, x, x) }), type: total };
  }

  check('gives arrays of the types that went in', async () => {
    const types = { f: 'f32', i: 'i32', u: 'u32', c: 'bool' } as const;
    for (const dtype of Object.values(types)) {
      const tensor = await executor.upload({ shape: [2], dtype }, [1, 0]);
      expect(tensor).toMatchObject({ shape: [2], dtype });
      const read = await executor.download(tensor);
      const part = await executor.downloadPart?.(tensor, 1, read.length);
      if (part) expect(part).toEqual(read.slice(1));
      expect([...read]).toEqual([1, 0]);
      expect(read).toBeInstanceOf(
        dtype === 'f32' ? Float32Array : dtype === 'u32' ? Uint32Array : Int32Array,
      );
    }
  });

  check('holds integers and unsigned numbers to the last bit', async () => {
    const b = createBuilder();
    const [i, u] = [b.input('i', [2], 'i32'), b.input('u', [2], 'u32')];
    const program = b.finish({ i: b.apply('add', [i, i]), u: b.apply('add', [u, u]) });
    const got = await run(program, { i: [-(2 ** 29) - 1, 5], u: [2 ** 31 - 1, 2 ** 31] });
    expect([...(got.i as Int32Array)]).toEqual([-(2 ** 30) - 2, 10]);
    expect([...(got.u as Uint32Array)]).toEqual([2 ** 32 - 2, 0]);
  });

  check('allocates zeros, also where a disposed tensor lay', async () => {
    const type = { shape: [4], dtype: 'f32' } as const;
    executor.dispose(await executor.upload(type, [1, 2, 3, 4]));
    expect([...(await executor.download(await executor.allocate(type)))]).toEqual([0, 0, 0, 0]);
  });

  check('adds up in a donated buffer from run to run', async () => {
    const { program, type } = buildSum();
    const executable = await executor.compile(program, { donate: { total: 'total' } });
    const x = await executor.upload(type, [1, 2, 3]);
    let total = await executor.allocate(type);
    for (let i = 0; i < 5; i++) {
      const outputs = await executor.run(executable, { total, x });
      expect([...(await executor.download(outputs.twice))]).toEqual([2, 4, 6]);
      executor.dispose(outputs.twice);
      total = outputs.total;
    }
    expect([...(await executor.download(total))]).toEqual([5, 10, 15]);
    expect([...(await executor.download(x))]).toEqual([1, 2, 3]);
  });

  check('refuses a tensor after it was donated or disposed of', async () => {
    const { program, type } = buildSum();
    const executable = await executor.compile(program, { donate: { total: 'total' } });
    const [total, x] = [await executor.allocate(type), await executor.allocate(type)];
    const outputs = await executor.run(executable, { total, x });
    await expect(executor.download(total)).rejects.toThrow(TypeError);
    await expect(executor.run(executable, { total, x })).rejects.toThrow(/donated/);
    executor.dispose(x);
    executor.dispose(x);
    await expect(executor.run(executable, { total: outputs.total, x })).rejects.toThrow(TypeError);
    await expect(executor.download(outputs.twice)).resolves.toBeDefined();
  });

  check('refuses what has the wrong type, the wrong length or no tensor', async () => {
    const { program, type } = buildSum();
    const executable = await executor.compile(program);
    const x = await executor.allocate(type);
    const wrong = await executor.allocate({ shape: [4], dtype: 'f32' });
    const integers = await executor.allocate({ shape: [3], dtype: 'i32' });
    await expect(executor.run(executable, { x })).rejects.toThrow('no tensor is bound to total');
    await expect(executor.run(executable, { x, total: wrong })).rejects.toThrow(
      'total is f32[3], not f32[4]',
    );
    await expect(executor.run(executable, { x, total: integers })).rejects.toThrow('not i32[3]');
    await expect(executor.upload(type, [1, 2])).rejects.toThrow('3 elements, not 2');
    const stranger = { ...x, executor: 'elsewhere' };
    await expect(executor.run(executable, { x, total: stranger })).rejects.toThrow('belongs to elsewhere');
  });

  check('refuses a donation that cannot be', async () => {
    const { program, type } = buildSum();
    const compile = async (donate: Record<string, string>) => executor.compile(program, { donate });
    await expect(compile({ sum: 'total' })).rejects.toThrow('no output sum');
    await expect(compile({ total: 'y' })).rejects.toThrow('no input y');
    await expect(compile({ total: 'x', twice: 'x' })).rejects.toThrow('x is donated twice');
    const b = createBuilder();
    const other = b.finish({ y: o.sum(b, b.input('x', [3]), [0]) });
    await expect(executor.compile(other, { donate: { y: 'x' } })).rejects.toThrow('cannot take over');
    const executable = await executor.compile(program, { donate: { total: 'total' } });
    const x = await executor.allocate(type);
    await expect(executor.run(executable, { total: x, x })).rejects.toThrow('cannot be another input too');
  });

  check('writes an output over a donated input only when nobody reads it any more', async () => {
    const b = createBuilder();
    const [p, g] = [b.input('p', [5]), b.input('g', [5])];
    const next = o.subtract(b, p, g);
    const program = b.finish({ p: next, later: o.multiply(b, p, 10) }); // reads p after the new p exists
    const executable = await executor.compile(program, { donate: { p: 'p' } });
    const inputs = {
      p: await executor.upload(p, [1, 2, 3, 4, 5]),
      g: await executor.upload(g, [1, 1, 1, 1, 1]),
    };
    const got = await executor.run(executable, inputs);
    expect([...(await executor.download(got.p))]).toEqual([0, 1, 2, 3, 4]);
    expect([...(await executor.download(got.later))]).toEqual([10, 20, 30, 40, 50]);
  });

  check('may swap two donated inputs, and give one value under two names', async () => {
    const b = createBuilder();
    const [x, y] = [b.input('x', [2]), b.input('y', [2])];
    const program = b.finish({ x: y, y: x, z: x, sum: o.add(b, x, y) });
    const executable = await executor.compile(program, { donate: { x: 'x', y: 'y' } });
    const inputs = { x: await executor.upload(x, [1, 2]), y: await executor.upload(y, [3, 4]) };
    const got = await executor.run(executable, inputs);
    const read = async (of: string) => [...(await executor.download(got[of]))];
    expect(await read('x')).toEqual([3, 4]);
    expect(await read('y')).toEqual([1, 2]);
    expect(await read('z')).toEqual([1, 2]);
    expect(await read('sum')).toEqual([4, 6]);
    executor.dispose(got.x);
    expect(await read('z')).toEqual([1, 2]);
  });

  check('writes into a donated cache, row after row, and not beyond its end', async () => {
    const b = createBuilder();
    const [cache, row] = [b.input('cache', [3, 2]), b.input('row', [1, 2])];
    const position = b.input('position', [2], 'i32');
    const next = o.dynamicUpdateSlice(b, cache, row, position);
    const program = b.finish({ cache: next, seen: o.dynamicSlice(b, next, position, [1, 2]) });
    const executable = await executor.compile(program, { donate: { cache: 'cache' } });
    let held = await executor.allocate(cache);
    for (const at of [0, 1, 7]) {
      const inputs = {
        cache: held,
        row: await executor.upload(row, [at + 1, at + 2]),
        position: await executor.upload(position, [at, 0]),
      };
      const got = await executor.run(executable, inputs);
      expect([...(await executor.download(got.seen))]).toEqual([at + 1, at + 2]);
      held = got.cache;
    }
    expect([...(await executor.download(held))]).toEqual([1, 2, 2, 3, 8, 9]);
  });

  check('gives what is hidden a weight of exactly 0, and zeros where all is', async () => {
    const b = createBuilder();
    const [x, v, bias] = [b.input('x', [2, 3]), b.input('v', [1, 3, 1, 4]), b.input('bias', [1, 3, 3])];
    const q = o.multiply(b, v, 1e-30);
    const y = o.attention(b, q, q, v, { causal: true }).y;
    const hidden = o.attention(b, q, q, v, { bias });
    const program = b.finish({ p: o.softmax(b, x), y, z: hidden.y, e: o.exp(b, x), lse: hidden.logSumExp });
    const none = -Infinity;
    const huge = Array.from({ length: 12 }, (_, i) => (i < 4 ? i + 1 : 3e30));
    const got = await run(program, {
      x: [5, none, 5, none, none, none],
      v: huge,
      bias: [0, none, none, none, none, none, none, none, 0],
    });
    const read = (of: string) => [...Array.from(got[of])];
    expect(read('e').slice(3)).toEqual([0, 0, 0]);
    expect(read('p')).toEqual([0.5, 0, 0.5, 0, 0, 0]);
    expect(read('y').slice(0, 4)).toEqual([1, 2, 3, 4]);
    expect(read('z').slice(0, 8)).toEqual([1, 2, 3, 4, 0, 0, 0, 0]);
    expect(read('lse')[1]).toBe(none);
  });

  check('rounds bf16 as the reference does, or refuses it', async () => {
    const b = createBuilder();
    const [x, y] = [b.input('x', [4, 3]), b.input('y', [3, 2], 'bf16')];
    const rounded = o.convert(b, x, 'bf16');
    const product = o.matmul(b, rounded, y);
    const shifted = o.add(b, product, o.constant(b, 1.5, [], 'bf16'));
    const program = b.finish({ rounded, shifted, back: o.convert(b, shifted, 'f32') });
    if (!bf16) return void (await expect(executor.compile(program)).rejects.toThrow('in bf16'));
    const values = {
      x: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
      y: Float32Array.from({ length: 6 }, (_, i) => Math.cos(i)),
    };
    const [got, expected] = [await run(program, values), interpret(program, values)];
    expect([...Array.from(got.rounded)]).toEqual([...expected.rounded]);
    expect(relativeError(got.back, expected.back)).toBeLessThan(2 ** -7);
  });

  check('lets other work go on while it runs', async () => {
    const { program, type } = buildSum();
    const executable = await executor.compile(program);
    const [total, x] = [await executor.allocate(type), await executor.allocate(type)];
    let turns = 0;
    setImmediate(() => turns++);
    // An executor that only seems asynchronous would never let the event loop turn.
    for (let run = 0; run < 1000 && turns === 0; run++) await executor.run(executable, { total, x });
    expect(turns).toBe(1);
  });
}
