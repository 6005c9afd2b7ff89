// Attention by blocks of query rows: a block's scores against the keys that it can see, their softmax, and the product
// with the values, all in a thread's own scratch. Backwards the scores are computed again from each row's log-sum-exp.
// q, k and v may lie within packed projections: `views` gives, for each of them and for each gradient, the bytes from
// the start of its tensor and the elements from one position to the next (fuse-attention.ts).

import { nameAttentionInputs, type AttentionAttributes } from '../composites/attention.ts';
import { dropThreshold } from '../composites/dropout.ts';
import type { Operation } from '../program.ts';
import type { Kernel, Linkage, Pointer, Stage } from './kernel.ts';
import { modes, multiply, type Matrix } from './product.ts';

/** Rows of a block; short sequences take smaller ones, since a causal block computes what its last row sees. */
const blockRows = (queries: number) => (queries <= 128 ? 48 : 96);

interface Packed {
  readonly at: Pointer;
  readonly offset: number;
  readonly stride: number;
}

interface Heads {
  readonly batch: number;
  readonly queries: number;
  readonly keys: number;
  readonly heads: number;
  readonly groups: number;
  readonly size: number;
  readonly attributes: AttentionAttributes;
}

function describeHeads(q: readonly number[], k: readonly number[], attributes: AttentionAttributes): Heads {
  const [batch, queries, heads, size] = q;
  return { batch, queries, keys: k[1], heads, groups: k[2], size, attributes };
}

/** Shapes of q and k whatever their tensors are: attributes `shapes` where they are packed. */
function shapesOf({ attributes, inputs }: Operation, first: number): [readonly number[], readonly number[]] {
  const packed = attributes.shapes as readonly number[] | undefined;
  if (packed) return [packed.slice(0, 4), packed.slice(4)];
  return [inputs[first].shape, inputs[first + 1].shape];
}

/** Where q, k, v lie: each a tensor of its own, or as `views` says. */
function locate(pointers: readonly Pointer[], strides: readonly number[], views: unknown): Packed[] {
  const given = views as readonly number[] | undefined;
  return pointers.map((at, i) => ({
    at,
    offset: given ? given[2 * i] : 0,
    stride: given ? given[2 * i + 1] : strides[i],
  }));
}

interface Named {
  readonly bias?: Pointer;
  readonly biasHeads: number;
  readonly querySegments?: Pointer;
  readonly keySegments?: Pointer;
  readonly queryOffset?: Pointer;
  readonly prefix?: Pointer;
  readonly offsetPerRow: boolean;
  readonly counter?: Pointer;
}

interface Block {
  readonly batch: number;
  readonly head: number;
  readonly from: number;
  readonly rows: number;
}

/** What both directions share: places, masks, and the scores of a block. */
function createContext(operation: Operation, linkage: Linkage, first: number) {
  const attributes = operation.attributes as AttentionAttributes;
  const shape = describeHeads(...shapesOf(operation, first), attributes);
  const { size, heads, groups, queries, keys } = shape;
  const inputs = nameAttentionInputs(operation.inputs.slice(first), attributes);
  const strides = [heads * size, groups * size, groups * size];
  const parts = locate([inputs.q, inputs.k, inputs.v].map(linkage.at), strides, operation.attributes.views);
  const pointer = (value?: Operation['inputs'][number]) => value && linkage.at(value);
  const named: Named = {
    bias: pointer(inputs.bias),
    biasHeads: inputs.bias?.shape[0] ?? 0,
    querySegments: pointer(inputs.querySegments),
    keySegments: pointer(inputs.keySegments),
    queryOffset: pointer(inputs.queryOffset),
    prefix: pointer(inputs.prefix),
    offsetPerRow: (inputs.queryOffset?.shape.length ?? 0) > 0,
    counter: pointer(inputs.counter),
  };
  const place = (part: Packed, length: number, batch: number, head: number, row: number): Matrix => ({
    at: part.at,
    offset: part.offset + ((batch * length + row) * part.stride + head * size) * 4,
    stride: part.stride,
  });
  const readInteger = ({ address }: Pointer, index: number): number =>
    new Int32Array(linkage.memory.buffer as unknown as ArrayBuffer, address + index * 4, 1)[0];
  const positionOf = ({ batch, from }: Block): number =>
    named.queryOffset ? from + readInteger(named.queryOffset, named.offsetPerRow ? batch : 0) : from;
  const prefixOf = ({ batch }: Block): number => (named.prefix ? readInteger(named.prefix, batch) : 0);
  /** Keys [low, high) that some row of a block sees. */
  const reachOf = (block: Block): { position: number; low: number; high: number } => {
    const position = positionOf(block);
    const { causal, window } = attributes;
    const last = Math.max(position + block.rows, prefixOf(block));
    const high = causal ? last : window > 0 ? last - 1 + window : keys;
    const low = window > 0 ? position - window + 1 : 0;
    const end = Math.max(0, Math.min(keys, high));
    return { position, low: Math.max(0, Math.min(end, low)), high: end };
  };
  const groupOf = (head: number) => Math.floor((head * groups) / heads);
  /** Arguments of the row kernels that say what is hidden, for keys from `low` on. */
  const hiding = (block: Block, position: number, low: number): number[] => {
    const { bias, biasHeads, querySegments, keySegments } = named;
    const { batch, head, from } = block;
    const biasRow = (biasHeads > 1 ? head * queries : 0) + from;
    return [
      attributes.scale,
      position - low,
      attributes.causal ? 1 : 0,
      attributes.window,
      prefixOf(block) - low,
      attributes.slopes[head] ?? 0,
      bias ? bias.address + (biasRow * keys + low) * 4 : 0,
      keys,
      querySegments ? querySegments.address + (batch * queries + from) * 4 : 0,
      keySegments ? keySegments.address + (batch * keys + low) * 4 : 0,
    ];
  };
  const drop = ({ batch, head, from, rows }: Block, low: number, seen: number, scores: number): void => {
    const { dropout, stream } = attributes;
    if (!named.counter) return;
    const first = ((batch * heads + head) * queries + from) * keys + low;
    const [threshold, scale] = [dropThreshold(dropout) | 0, 1 / (1 - dropout)];
    linkage.wasm.dropRows(
      ...[rows, seen, seen, scores, named.counter.address, stream, threshold, scale, first % 2 ** 32, keys],
    );
  };
  return { shape, parts, named, place, reachOf, groupOf, hiding, drop };
}

export const attention: Kernel = {
  threadBytes: (operation) => {
    const [[, queries], [, keys]] = shapesOf(operation, 0);
    return Math.min(blockRows(queries), queries) * keys * 4;
  },
  link: (operation, linkage) => {
    const context = createContext(operation, linkage, 0);
    const { batch, queries, heads } = context.shape;
    const [y, sums] = operation.outputs.map(linkage.at);
    const height = blockRows(queries);
    const blocks = Math.ceil(queries / height);
    const run = (b: number, head: number, i: number) => {
      const from = i * height;
      attendBlock(
        linkage,
        context,
        { batch: b, head, from, rows: Math.min(height, queries - from) },
        { y, sums },
      );
    };
    // Heads are tasks; where there are few, their blocks are.
    if (batch * heads >= 4 * linkage.threads || blocks === 1)
      return {
        tasks: batch * heads,
        run: (task) => {
          for (let i = 0; i < blocks; i++) run(Math.floor(task / heads), task % heads, i);
        },
      };
    return {
      tasks: batch * heads * blocks,
      run: (task) => {
        const at = Math.floor(task / blocks);
        run(Math.floor(at / heads), at % heads, blocks - 1 - (task % blocks));
      },
    };
  },
};

type Context = ReturnType<typeof createContext>;

function attendBlock(
  linkage: Linkage,
  { shape, parts, place, reachOf, groupOf, hiding, drop }: Context,
  block: Block,
  out: { readonly y: Pointer; readonly sums: Pointer },
): void {
  const { wasm, ownScratch } = linkage;
  const { queries, keys, heads, size } = shape;
  const { batch, head, from, rows } = block;
  const [q, k, v] = parts;
  const { position, low, high } = reachOf(block);
  const seen = high - low;
  const yStride = heads * size;
  const y = { at: out.y, offset: ((batch * queries + from) * yStride + head * size) * 4, stride: yStride };
  const sums = out.sums.address + ((batch * heads + head) * queries + from) * 4;
  const scores = { at: ownScratch, stride: seen };
  const group = groupOf(head);
  if (seen > 0)
    multiply(linkage, {
      size: [rows, seen, size],
      a: place(q, queries, batch, head, from),
      b: { ...place(k, keys, batch, group, low), transposed: true },
      c: scores,
    });
  wasm.attentionRows(rows, seen, seen, ownScratch.address, ...hiding(block, position, low), sums);
  drop(block, low, seen, ownScratch.address);
  multiply(linkage, {
    size: [rows, size, seen],
    a: scores,
    b: place(v, keys, batch, group, low),
    c: y,
  });
}

/** With the gradient of a bias a head, heads are tasks and batches follow each other within them, so its sum has one order. */
export const attentionBackward: Kernel = {
  threadBytes: (operation) => {
    const [[, queries], [, keys]] = shapesOf(operation, 3);
    const rows = Math.min(blockRows(queries), queries);
    return rows * (2 * keys + 16) * 4 + 128 + (operation.attributes.dropout ? rows * keys * 4 : 0);
  },
  link: (operation, linkage): Stage => {
    const context = createContext(operation, linkage, 3);
    const { batch, queries, keys, heads, groups, size } = context.shape;
    const [dy, y, sums] = operation.inputs.slice(0, 3).map(linkage.at);
    const { outputs, attributes } = operation;
    const pointers = attributes.gradientViews
      ? [0, 0, 0].map(() => linkage.at(outputs[0]))
      : outputs.map(linkage.at);
    const strides = [heads * size, groups * size, groups * size];
    const gradients = locate(pointers.slice(0, 3), strides, attributes.gradientViews);
    const dBias = attributes.wantsBias ? pointers[3] : undefined;
    const last = operation.inputs[operation.inputs.length - 1];
    const dSums = attributes.hasLogSumExpGradient ? linkage.at(last) : undefined;
    const shared = heads / groups;
    const backward: Backward = { dy, y, sums, dSums, gradients, dBias };
    // Heads that share keys add to the same gradients, so they are one task, in order.
    const runGroup = (b: number, group: number) => {
      for (let i = 0; i < shared; i++)
        attendHeadBackward(linkage, context, backward, [b, group * shared + i, i === 0]);
    };
    if (!dBias)
      return {
        tasks: batch * groups,
        run: (task) => runGroup(Math.floor(task / groups), task % groups),
      };
    const biasBytes = shared * queries * keys * 4;
    return {
      tasks: groups,
      run: (group) => {
        const at = dBias.address + group * biasBytes;
        new Uint8Array(linkage.memory.buffer, at, biasBytes).fill(0);
        for (let b = 0; b < batch; b++) runGroup(b, group);
      },
    };
  },
};

interface Backward {
  readonly dy: Pointer;
  readonly y: Pointer;
  readonly sums: Pointer;
  readonly dSums?: Pointer;
  readonly gradients: readonly Packed[];
  /** [H, Tq, Tk] */
  readonly dBias?: Pointer;
}

function attendHeadBackward(
  linkage: Linkage,
  context: Context,
  backward: Backward,
  [batch, head, isFirst]: readonly [number, number, boolean],
): void {
  const { shape, place, groupOf } = context;
  const { queries, keys, size } = shape;
  const height = blockRows(queries);
  const [, dk, dv] = backward.gradients;
  if (isFirst)
    for (const part of [dk, dv]) {
      const { at, offset = 0, stride } = place(part, keys, batch, groupOf(head), 0);
      linkage.wasm.zeroRows(keys, size, stride, at.address + offset);
    }
  for (let from = 0; from < queries; from += height)
    attendBlockBackward(linkage, context, backward, {
      batch,
      head,
      from,
      rows: Math.min(height, queries - from),
    });
}

function attendBlockBackward(linkage: Linkage, context: Context, backward: Backward, block: Block): void {
  const { wasm, ownScratch } = linkage;
  const { shape, parts, place, reachOf, groupOf, hiding, drop, named } = context;
  const { queries, keys, heads, size, attributes } = shape;
  const { batch, head, from, rows } = block;
  const [q, k, v] = parts;
  const [dq, dk, dv] = backward.gradients;
  const { position, low, high } = reachOf(block);
  const seen = high - low;
  const stride = heads * size;
  const rowOffset = ((batch * queries + from) * stride + head * size) * 4;
  const dy = { at: backward.dy, offset: rowOffset, stride };
  const sumsAt = ((batch * heads + head) * queries + from) * 4;
  const group = groupOf(head);
  const centres = ownScratch.address;
  const base = centres + Math.ceil(rows / 16) * 64;
  const bytes = rows * seen * 4;
  const scores = { at: { address: base }, stride: seen };
  const slopes = { at: { address: base + Math.ceil(bytes / 64) * 64 }, stride: seen };
  wasm.dotRows(
    rows,
    size,
    stride,
    stride,
    backward.dy.address + rowOffset,
    backward.y.address + rowOffset,
    centres,
  );
  if (backward.dSums) wasm.subtract(rows, centres, backward.dSums.address + sumsAt, centres);
  const query = place(q, queries, batch, head, from);
  const key = place(k, keys, batch, group, low);
  if (seen > 0) {
    multiply(linkage, { size: [rows, seen, size], a: query, b: { ...key, transposed: true }, c: scores });
    const value = place(v, keys, batch, group, low);
    multiply(linkage, { size: [rows, seen, size], a: dy, b: { ...value, transposed: true }, c: slopes });
  }
  drop(block, low, seen, slopes.at.address);
  const rest = [backward.sums.address + sumsAt, centres, attributes.scale];
  const [x, dp] = [scores.at.address, slopes.at.address];
  wasm.attentionRowsBackward(rows, seen, seen, x, dp, ...hiding(block, position, low), ...rest);
  if (backward.dBias) {
    const at = backward.dBias.address + ((head * queries + from) * keys + low) * 4;
    wasm.addScaledRows(rows, seen, seen, dp, 1 / attributes.scale, keys, at);
  }
  const product = (a: Matrix, b: Matrix, c: Matrix, size3: [number, number, number], mode: number) =>
    multiply(linkage, { size: size3, a, b, c, mode });
  product(slopes, key, place(dq, queries, batch, head, from), [rows, size, seen], modes.store);
  if (seen === 0) return;
  const add = modes.accumulate;
  product(
    { ...slopes, transposed: true },
    query,
    place(dk, keys, batch, group, low),
    [seen, size, rows],
    add,
  );
  if (named.counter) drop(block, low, seen, scores.at.address);
  product({ ...scores, transposed: true }, dy, place(dv, keys, batch, group, low), [seen, size, rows], add);
}
