// Refuses a program that WebAssembly cannot address, before anything is allocated, with the bytes by part.

import { DataError } from '@gristmill/core';
import type { CompileOptions } from '../executor.ts';
import { sizeOf, type Program, type Type } from '../program.ts';
import { addressableBytes } from './heap.ts';

const bytesOf = ({ shape }: Type) => sizeOf(shape) * 4;

export interface Needs {
  /** Of the planned arena: what lives between operations. */
  readonly arenaBytes: number;
  /** Scratch of all threads. */
  readonly scratchBytes: number;
}

/** Bytes by part while the program runs: its inputs by `parts`, outputs of their own, and what is held beside. */
export function countBytes(
  program: Program,
  { donate = {}, parts = {}, beside = {} }: CompileOptions,
  { arenaBytes, scratchBytes }: Needs,
): Record<string, number> {
  const bytes: Record<string, number> = {};
  const add = (part: string, count: number) => (bytes[part] = (bytes[part] ?? 0) + count);
  for (const { name, value } of program.inputs) add(parts[name] ?? 'inputs', bytesOf(value));
  for (const { name, value } of program.outputs)
    if (donate[name] === undefined) add(parts[name] ?? 'outputs', bytesOf(value));
  for (const [part, count] of Object.entries(beside)) add(part, count);
  add('activations', arenaBytes);
  add('scratch', scratchBytes);
  return bytes;
}

/** Throws DataError `model-too-large-for-cpu`. */
export function checkFits(bytes: Readonly<Record<string, number>>): void {
  const total = Object.values(bytes).reduce((sum, count) => sum + count, 0);
  if (total <= addressableBytes) return;
  const show = (count: number) => `${Math.ceil(count / 1e6).toLocaleString('en')} MB`;
  const parts = Object.entries(bytes)
    .filter(([, count]) => count >= 1e6)
    .sort(([, a], [, b]) => b - a)
    .map(([part, count]) => `${part} ${show(count)}`);
  throw new DataError(
    'model-too-large-for-cpu',
    `the cpu executor cannot hold this: it needs ${show(total)} of the ${show(addressableBytes)} that WebAssembly addresses (${parts.join(', ')})`,
    'set a smaller microBatchSize, remat=block or a smaller sequenceLength where activations weigh most, else choose a smaller model, or run it with --executor xla',
  );
}
