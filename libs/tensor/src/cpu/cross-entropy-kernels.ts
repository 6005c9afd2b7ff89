// The head with its loss, a chunk of rows after the other: the product that gives logits, then the losses of its rows;
// backwards the logits again, their gradient, and with it those of the hidden rows and of the table.

import { chunks, keepsAll, type CrossEntropyAttributes } from '../composites/cross-entropy.ts';
import type { Operation } from '../program.ts';
import type { Kernel, Linkage, Pointer, Stage } from './kernel.ts';
import { once, overRanges } from './kernel.ts';
import { modes, productStage } from './product.ts';

const rowGrain = (width: number) => Math.max(1, Math.ceil(65_536 / width));

interface Logits {
  readonly rows: number;
  readonly vocabSize: number;
  readonly width: number;
  readonly hidden: Pointer;
  readonly table: Pointer;
  readonly bias?: Pointer;
  readonly offset: number;
  readonly to: Pointer;
}

function logitsStage(linkage: Linkage, logits: Logits): Stage {
  const { rows, vocabSize, width, hidden, table, bias, offset, to } = logits;
  return productStage(linkage, {
    size: [rows, vocabSize, width],
    a: { at: hidden, offset, stride: width },
    b: { at: table, stride: width, transposed: true },
    c: { at: to, stride: vocabSize },
    ...(bias ? { mode: modes.addBias, bias } : {}),
  });
}

export const crossEntropy: Kernel = {
  temporaryBytes: ({ inputs: [hidden, table], attributes }) => {
    const of = attributes as CrossEntropyAttributes;
    return keepsAll(of) ? 0 : (of.chunk || hidden.shape[0]) * table.shape[0] * 4;
  },
  link: ({ inputs: [x, w, t, added], outputs: [l, kept], attributes }, linkage) => {
    const { wasm, threads, temporary } = linkage;
    const { chunk, smoothing = 0, softcap = 0 } = attributes as CrossEntropyAttributes;
    const isKept = keepsAll(attributes as CrossEntropyAttributes);
    const [n, width] = x.shape;
    const [vocabSize] = w.shape;
    const [hidden, table, targets, losses, keep] = [x, w, t, l, kept].map(linkage.at);
    const bias = added && linkage.at(added);
    const to = isKept ? keep : temporary;
    return chunks(n, chunk).flatMap(([first, end]) => [
      logitsStage(linkage, {
        rows: end - first,
        vocabSize,
        width,
        hidden,
        table,
        bias,
        offset: first * width * 4,
        to,
      }),
      overRanges(end - first, { threads, grain: rowGrain(vocabSize) }, (from, until) => {
        const [logits, at] = [to.address + from * vocabSize * 4, (first + from) * 4];
        const rest = [logits, targets.address + at, losses.address + at] as const;
        if (softcap > 0) wasm.softcap((until - from) * vocabSize, logits, softcap);
        if (isKept) wasm.crossEntropy(until - from, vocabSize, ...rest, smoothing);
        else wasm.crossEntropyLosses(until - from, vocabSize, ...rest, keep.address + at, smoothing);
      }),
    ]);
  },
};

function bytesOfLogits({ inputs: [hidden, table], attributes }: Operation, destroys: boolean): number {
  const of = attributes as CrossEntropyAttributes;
  const rows = of.chunk || (destroys && keepsAll(of) ? 0 : hidden.shape[0]);
  return rows * table.shape[0] * 4;
}

/** A sixth input is what the table's gradient is added to (fuse.ts). */
export const crossEntropyBackward: Kernel = {
  destroys: 3,
  takesOver: [[], [5]],
  temporaryBytes: bytesOfLogits,
  link: linkBackward,
};

/** The sixth input is the bias; each chunk's sums of its gradient are kept until all are there. */
export const crossEntropyBackwardOfBias: Kernel = {
  destroys: 3,
  temporaryBytes: (operation, destroys) => {
    const { inputs, attributes } = operation;
    const parts = chunks(inputs[0].shape[0], attributes.chunk as number).length;
    return bytesOfLogits(operation, destroys) + parts * inputs[1].shape[0] * 4;
  },
  link: linkBackward,
};

function linkBackward(operation: Operation, linkage: Linkage): Stage[] {
  const {
    inputs: [x, w, t, k, g, sixth],
    outputs,
    attributes,
  } = operation;
  const hasBias = outputs.length === 3;
  const [addend, bias] = hasBias ? [undefined, linkage.at(sixth)] : [sixth, undefined];
  const { wasm, threads, temporary, destroys } = linkage;
  const { chunk, smoothing = 0, softcap = 0 } = attributes as CrossEntropyAttributes;
  const isKept = keepsAll(attributes as CrossEntropyAttributes);
  const [n, width] = x.shape;
  const [vocabSize] = w.shape;
  const [hidden, table, targets, kept, gradient] = [x, w, t, k, g].map(linkage.at);
  const [dHidden, dTable, dBias] = outputs.map(linkage.at);
  const to = isKept && destroys ? kept : temporary;
  const sum = addend && linkage.at(addend);
  const bytes = vocabSize * width * 4;
  const begin = once(() => {
    if (sum && sum.address !== dTable.address) wasm.copy(sum.address, dTable.address, bytes);
  });
  const sums = bytesOfLogits(operation, destroys);
  const row = vocabSize * 4;
  const parts = chunks(n, chunk).flatMap(([first, end], part) => {
    const rows = end - first;
    const offset = first * width * 4;
    const turn = overRanges(rows, { threads, grain: rowGrain(vocabSize) }, (from, until) => {
      const [d, at] = [to.address + from * vocabSize * 4, (first + from) * 4];
      const rest = [targets.address + at, gradient.address + at] as const;
      if (!isKept) {
        if (softcap > 0) wasm.softcap((until - from) * vocabSize, d, softcap);
        const more = [kept.address + at, smoothing, softcap > 0 ? 1 / softcap : 0];
        wasm.crossEntropyBackwardLogits(until - from, vocabSize, d, ...rest, ...more);
      } else
        wasm.crossEntropyBackward(
          until - from,
          vocabSize,
          kept.address + from * vocabSize * 4,
          ...rest,
          d,
          smoothing,
        );
    });
    const ofHidden = productStage(linkage, {
      size: [rows, width, vocabSize],
      a: { at: to, stride: vocabSize },
      b: { at: table, stride: width },
      c: { at: dHidden, offset, stride: width },
    });
    const ofTable = productStage(linkage, {
      size: [vocabSize, width, rows],
      a: { at: to, stride: vocabSize, transposed: true },
      b: { at: hidden, offset, stride: width },
      c: { at: dTable, stride: width },
      mode: first === 0 && !addend ? modes.store : modes.accumulate,
    });
    const logits = { rows, vocabSize, width, hidden, table, bias, offset, to };
    const both = joinStages(ofHidden, ofTable);
    const ofBias = overRanges(vocabSize, { threads, grain: rowGrain(rows), unit: 16 }, (from, until) => {
      const out = temporary.address + sums + part * row + from * 4;
      wasm.sumRows(rows, until - from, vocabSize, to.address + from * 4, out);
    });
    return [...(isKept ? [] : [logitsStage(linkage, logits)]), turn, dBias ? joinStages(both, ofBias) : both];
  });
  const addUp = once(() => {
    const count = chunks(n, chunk).length;
    wasm.sumRows(count, vocabSize, vocabSize, temporary.address + sums, dBias.address);
  });
  if (dBias) return [...parts, addUp];
  return addend ? [begin, ...parts] : parts;
}

/** Both at the same time. */
function joinStages(x: Stage, y: Stage): Stage {
  return {
    tasks: x.tasks + y.tasks,
    run: (task) => (task < x.tasks ? x.run(task) : y.run(task - x.tasks)),
  };
}
