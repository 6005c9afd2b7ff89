// Native memory for PJRT's argument structs: addresses of JavaScript buffers move, so everything that a call points to
// lies in memory from koffi, seen through a DataView. koffi is optional and loaded on first use.

import { DataError } from '@gristmill/core';
import { layout } from './pjrt-layout.ts';

/** The part of koffi that is used here. */
export interface Koffi {
  load(path: string): {
    func(name: string, result: string, parameters: string[]): (...args: unknown[]) => unknown;
  };
  proto(definition: string): unknown;
  decode(address: bigint, type: unknown): (argument: bigint) => unknown;
  alloc(type: string, count: number): unknown;
  address(pointer: unknown): bigint;
  view(pointer: unknown, bytes: number): ArrayBuffer;
  free(pointer: unknown): void;
}

/** @throws DataError `koffi-missing` */
export async function loadKoffi(): Promise<Koffi> {
  try {
    const module = (await import('koffi')) as unknown as { default: Koffi };
    return module.default;
  } catch (cause) {
    throw new DataError(
      'koffi-missing',
      'the xla executor needs the package koffi',
      'run `npm install koffi`',
      { cause },
    );
  }
}

/** A block of native memory; zeroed. */
export interface Block {
  readonly address: bigint;
  readonly view: DataView;
  free(): void;
}

export function allocateBlock(koffi: Koffi, bytes: number): Block {
  const size = Math.max(8, bytes);
  const pointer = koffi.alloc('uint8_t', size);
  const view = new DataView(koffi.view(pointer, size));
  new Uint8Array(view.buffer).fill(0);
  return { address: BigInt(koffi.address(pointer)), view, free: () => koffi.free(pointer) };
}

export function blockOf(koffi: Koffi, bytes: Uint8Array): Block {
  const block = allocateBlock(koffi, bytes.length);
  new Uint8Array(block.view.buffer).set(bytes);
  return block;
}

/** 64-bit integers or addresses, one after the other. */
export function blockOfWords(koffi: Koffi, words: readonly (bigint | number)[]): Block {
  const block = allocateBlock(koffi, words.length * 8);
  words.forEach((word, i) => block.view.setBigInt64(i * 8, BigInt.asIntN(64, BigInt(word)), true));
  return block;
}

export type StructName = keyof typeof layout.sizes;

/** An argument struct with its size set. */
export interface Struct extends Block {
  set(field: string, value: bigint | number): Struct;
  setInt32(field: string, value: number): Struct;
  get(field: string): bigint;
}

export function allocateStruct(koffi: Koffi, name: StructName): Struct {
  const block = allocateBlock(koffi, layout.sizes[name]);
  const fields = (layout.fields as Readonly<Record<string, Readonly<Record<string, number>>>>)[name] ?? {};
  block.view.setBigUint64(0, BigInt(layout.sizes[name]), true);
  const struct: Struct = {
    ...block,
    set(field, value) {
      block.view.setBigUint64(fields[field], BigInt.asUintN(64, BigInt(value)), true);
      return struct;
    },
    setInt32(field, value) {
      block.view.setInt32(fields[field], value, true);
      return struct;
    },
    get: (field) => block.view.getBigUint64(fields[field], true),
  };
  return struct;
}
