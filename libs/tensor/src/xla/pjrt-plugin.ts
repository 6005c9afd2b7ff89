// A PJRT plugin: a shared library whose functions all take one argument struct. Calls are by name; what a plugin reports
// is thrown.

import { existsSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import {
  allocateBlock,
  allocateStruct,
  blockOf,
  loadKoffi,
  type Block,
  type Koffi,
  type Struct,
  type StructName,
} from './native-memory.ts';
import { layout } from './pjrt-layout.ts';

export type Slot = keyof typeof layout.slots;

export interface Plugin {
  readonly koffi: Koffi;
  /** Calls a function of the plugin; the caller frees the struct. */
  run(name: StructName, slot: Slot, fill: (args: Struct) => void): Struct;
  /** Calls a function that does away with one handle. */
  destroy(name: StructName, slot: Slot, field: string, handle: bigint): void;
  /** Waits for an event and frees it; 0 is none. */
  awaitEvent(event: bigint): void;
  /** Text that the plugin holds. */
  textOf(args: Struct, field: string): string;
}

/**
 * @param path of a shared library that exports GetPjrtApi
 * @throws DataError `plugin-missing`, `plugin-unusable`, `plugin-too-old`, `koffi-missing`
 */
export async function openPlugin(path: string): Promise<Plugin> {
  if (!existsSync(path))
    throw new DataError(
      'plugin-missing',
      `there is no PJRT plugin ${path}`,
      'give the path of a plugin for this machine',
    );
  const koffi = await loadKoffi();
  const call = openTable(koffi, path);
  const run: Plugin['run'] = (name, slot, fill) => {
    const args = allocateStruct(koffi, name);
    fill(args);
    call(slot, args);
    return args;
  };
  const destroy: Plugin['destroy'] = (name, slot, field, handle) =>
    run(name, slot, (args) => args.set(field, handle)).free();
  return {
    koffi,
    run,
    destroy,
    awaitEvent(event) {
      if (event === 0n) return;
      run('PJRT_Event_Await_Args', 'PJRT_Event_Await', (args) => args.set('event', event)).free();
      destroy('PJRT_Event_Destroy_Args', 'PJRT_Event_Destroy', 'event', event);
    },
    textOf: (args, field) => readText(koffi, args.get(field), args.get(`${field}_size`)),
  };
}

export function readText(koffi: Koffi, address: bigint, length: bigint): string {
  return length === 0n ? '' : Buffer.from(koffi.view(address, Number(length))).toString();
}

/** A list of PJRT_NamedValue; integers and texts. */
export function namedValues(koffi: Koffi, options: Readonly<Record<string, number | string>>): Block {
  const entries = Object.entries(options);
  const size = layout.sizes.PJRT_NamedValue;
  const fields = layout.fields.PJRT_NamedValue;
  const values = allocateBlock(koffi, entries.length * size);
  const texts: Block[] = [];
  const keep = (text: string) => {
    const block = blockOf(koffi, utf8(text));
    texts.push(block);
    return block.address;
  };
  entries.forEach(([name, value], i) => {
    const write = (field: number, word: bigint) => values.view.setBigInt64(i * size + field, word, true);
    const isText = typeof value === 'string';
    const kind = isText ? layout.constants.PJRT_NamedValue_kString : layout.constants.PJRT_NamedValue_kInt64;
    write(0, BigInt(size));
    write(fields.name, keep(name));
    write(fields.name_size, BigInt(name.length));
    write(fields.int64_value, isText ? keep(value) : BigInt(value));
    write(fields.value_size, isText ? BigInt(Buffer.byteLength(value)) : 1n);
    values.view.setInt32(i * size + fields.type, kind, true);
  });
  return {
    ...values,
    free() {
      freeAll(texts);
      values.free();
    },
  };
}

/** Loads the library and gives a function that calls one of its slots and throws what it reports. */
function openTable(koffi: Koffi, path: string): (slot: Slot, args: Struct) => void {
  const table = BigInt(loadLibrary(koffi, path)() as number | bigint);
  const tableSize = Number(new DataView(koffi.view(table, 8)).getBigUint64(0, true));
  const api = new DataView(koffi.view(table, tableSize));
  const signature = koffi.proto(`uintptr_t PjrtCall${path.length}_${prototypes++}(uintptr_t args)`);
  const functions = new Map<Slot, (args: bigint) => bigint>();
  const find = (slot: Slot) => {
    const known = functions.get(slot);
    if (known) return known;
    const offset = layout.slots[slot];
    if (offset + 8 > tableSize)
      throw new DataError(
        'plugin-too-old',
        `the PJRT plugin lacks ${slot}`,
        'use a newer version of the plugin',
      );
    const pointer = koffi.decode(api.getBigUint64(offset, true), signature);
    const found = (args: bigint) => BigInt(pointer(args) as number | bigint);
    functions.set(slot, found);
    return found;
  };
  const call = (slot: Slot, args: Struct) => {
    const error = find(slot)(args.address);
    if (error !== 0n) throw new Error(`${slot}: ${takeMessage(koffi, find, error)}`);
  };
  const args = allocateStruct(koffi, 'PJRT_Plugin_Initialize_Args');
  call('PJRT_Plugin_Initialize', args);
  args.free();
  return call;
}

let prototypes = 0; // koffi wants a new name for each

function loadLibrary(koffi: Koffi, path: string): () => unknown {
  try {
    return koffi.load(path).func('GetPjrtApi', 'uintptr_t', []);
  } catch (cause) {
    throw new DataError(
      'plugin-unusable',
      `${path} is no PJRT plugin that this machine can load: ${(cause as Error).message}`,
      'give a shared library that exports GetPjrtApi',
      { cause },
    );
  }
}

function takeMessage(koffi: Koffi, find: (slot: Slot) => (args: bigint) => bigint, error: bigint): string {
  const message = allocateStruct(koffi, 'PJRT_Error_Message_Args').set('error', error);
  find('PJRT_Error_Message')(message.address);
  const text = readText(koffi, message.get('message'), message.get('message_size'));
  const destroy = allocateStruct(koffi, 'PJRT_Error_Destroy_Args').set('error', error);
  find('PJRT_Error_Destroy')(destroy.address);
  freeAll([message, destroy]);
  return text;
}

export const utf8 = (text: string) => new TextEncoder().encode(text);

export function freeAll(blocks: readonly Block[]): void {
  for (const block of blocks) block.free();
}
