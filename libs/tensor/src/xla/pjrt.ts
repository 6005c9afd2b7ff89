// A client of PJRT, XLA's C interface: opens a plugin (a shared library for CPU, CUDA or TPU), compiles StableHLO text,
// moves tensors, runs. A failed check inside a plugin ends the process, so what is passed was validated before.

import { existsSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { byteSizeOf, type Type } from '../program.ts';
import { packBf16, unpackBf16 } from '../bf16.ts';
import type { Data } from '../data.ts';
import {
  allocateBlock,
  allocateStruct,
  blockOf,
  blockOfWords,
  loadKoffi,
  type Block,
  type Koffi,
  type Struct,
  type StructName,
} from './native-memory.ts';
import { layout } from './pjrt-layout.ts';

/** Handles are addresses inside the plugin. */
export interface PjrtClient {
  upload(data: ArrayLike<number>, type: Type): bigint;
  download(buffer: bigint, type: Type): Data;
  freeBuffer(buffer: bigint): void;
  /** Compiles StableHLO text for one device. */
  compile(text: string): bigint;
  /** Gives one fresh buffer an output; donated inputs must still be freed. Waits until all is computed. */
  execute(executable: bigint, inputs: readonly bigint[], outputs: number): bigint[];
  freeExecutable(executable: bigint): void;
  close(): void;
}

type Slot = keyof typeof layout.slots;
type Call = (slot: Slot, args: Struct) => void;

/** num_replicas = num_partitions = 1: a plugin given no options ends the process. */
const compileOptions = Uint8Array.of(0x1a, 0x04, 0x20, 0x01, 0x28, 0x01);

/**
 * @param plugin path of a shared library that exports GetPjrtApi
 * @param options integers that the plugin takes when a client is made, such as cpu_device_count
 */
export async function openPjrt(
  plugin: string,
  options: Readonly<Record<string, number>> = {},
): Promise<PjrtClient> {
  if (!existsSync(plugin))
    throw new DataError(
      'plugin-missing',
      `there is no PJRT plugin ${plugin}`,
      'give the path of a plugin for this machine',
    );
  const koffi = await loadKoffi();
  const call = openPlugin(koffi, plugin);
  const client = createClient(koffi, call, options);
  const device = firstDevice(koffi, call, client);
  const run = (name: StructName, slot: Slot, fill: (args: Struct) => void): Struct => {
    const args = allocateStruct(koffi, name);
    fill(args);
    call(slot, args);
    return args;
  };
  const destroy = (name: StructName, slot: Slot, field: string, handle: bigint) =>
    run(name, slot, (args) => args.set(field, handle)).free();
  const awaitEvent = (event: bigint) => {
    if (event === 0n) return;
    run('PJRT_Event_Await_Args', 'PJRT_Event_Await', (args) => args.set('event', event)).free();
    destroy('PJRT_Event_Destroy_Args', 'PJRT_Event_Destroy', 'event', event);
  };
  const executeOptions = allocateStruct(koffi, 'PJRT_ExecuteOptions');

  return {
    upload(data, type) {
      const bytes = blockOf(koffi, toBytes(data, type));
      const dimensions = blockOfWords(koffi, type.shape);
      const args = run('PJRT_Client_BufferFromHostBuffer_Args', 'PJRT_Client_BufferFromHostBuffer', (a) =>
        a
          .set('client', client)
          .set('data', bytes.address)
          .setInt32('type', bufferTypes[type.dtype])
          .set('dims', dimensions.address)
          .set('num_dims', type.shape.length)
          .setInt32(
            'host_buffer_semantics',
            layout.constants.PJRT_HostBufferSemantics_kImmutableOnlyDuringCall,
          )
          .set('device', device),
      );
      awaitEvent(args.get('done_with_host_buffer'));
      const buffer = args.get('buffer');
      freeAll([bytes, dimensions, args]);
      return buffer;
    },
    download(buffer, type) {
      const size = byteSizeOf(type);
      const target = allocateBlock(koffi, size);
      const args = run('PJRT_Buffer_ToHostBuffer_Args', 'PJRT_Buffer_ToHostBuffer', (a) =>
        a.set('src', buffer).set('dst', target.address).set('dst_size', size),
      );
      awaitEvent(args.get('event'));
      const data = fromBytes(new Uint8Array(target.view.buffer, 0, size).slice(), type);
      freeAll([target, args]);
      return data;
    },
    freeBuffer: (buffer) => destroy('PJRT_Buffer_Destroy_Args', 'PJRT_Buffer_Destroy', 'buffer', buffer),
    compile(text) {
      const [code, format, how] = [utf8(text), utf8('mlir'), compileOptions].map((bytes) =>
        blockOf(koffi, bytes),
      );
      const program = allocateStruct(koffi, 'PJRT_Program')
        .set('code', code.address)
        .set('code_size', Buffer.byteLength(text))
        .set('format', format.address)
        .set('format_size', 4);
      const args = run('PJRT_Client_Compile_Args', 'PJRT_Client_Compile', (a) =>
        a
          .set('client', client)
          .set('program', program.address)
          .set('compile_options', how.address)
          .set('compile_options_size', compileOptions.length),
      );
      const executable = args.get('executable');
      freeAll([code, format, how, program, args]);
      return executable;
    },
    execute(executable, inputs, outputs) {
      const given = blockOfWords(koffi, inputs);
      const results = allocateBlock(koffi, outputs * 8);
      const [givenList, resultList] = [given, results].map((block) => blockOfWords(koffi, [block.address]));
      const done = allocateBlock(koffi, 8);
      const args = run('PJRT_LoadedExecutable_Execute_Args', 'PJRT_LoadedExecutable_Execute', (a) =>
        a
          .set('executable', executable)
          .set('options', executeOptions.address)
          .set('argument_lists', givenList.address)
          .set('num_devices', 1)
          .set('num_args', inputs.length)
          .set('output_lists', resultList.address)
          .set('device_complete_events', done.address),
      );
      awaitEvent(done.view.getBigUint64(0, true));
      const handles = Array.from({ length: outputs }, (_, i) => results.view.getBigUint64(i * 8, true));
      freeAll([given, results, givenList, resultList, done, args]);
      return handles;
    },
    freeExecutable: (executable) =>
      destroy(
        'PJRT_LoadedExecutable_Destroy_Args',
        'PJRT_LoadedExecutable_Destroy',
        'executable',
        executable,
      ),
    close() {
      destroy('PJRT_Client_Destroy_Args', 'PJRT_Client_Destroy', 'client', client);
      executeOptions.free();
    },
  };
}

/** Loads the library and gives a function that calls one of its slots and throws what it reports. */
function openPlugin(koffi: Koffi, path: string): Call {
  const table = BigInt(loadPlugin(koffi, path)() as number | bigint);
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
  const call: Call = (slot, args) => {
    const error = find(slot)(args.address);
    if (error !== 0n) throw new Error(`${slot}: ${takeMessage(koffi, find, error)}`);
  };
  const args = allocateStruct(koffi, 'PJRT_Plugin_Initialize_Args');
  call('PJRT_Plugin_Initialize', args);
  args.free();
  return call;
}

let prototypes = 0; // koffi wants a new name for each

function loadPlugin(koffi: Koffi, path: string): () => unknown {
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
  const text = Buffer.from(
    koffi.view(message.get('message'), Number(message.get('message_size'))),
  ).toString();
  const destroy = allocateStruct(koffi, 'PJRT_Error_Destroy_Args').set('error', error);
  find('PJRT_Error_Destroy')(destroy.address);
  freeAll([message, destroy]);
  return text;
}

function createClient(koffi: Koffi, call: Call, options: Readonly<Record<string, number>>): bigint {
  const entries = Object.entries(options);
  const size = layout.sizes.PJRT_NamedValue;
  const fields = layout.fields.PJRT_NamedValue;
  const values = allocateBlock(koffi, entries.length * size);
  const names = entries.map(([name]) => blockOf(koffi, utf8(name)));
  entries.forEach(([name, value], i) => {
    const write = (field: number, word: bigint) => values.view.setBigInt64(i * size + field, word, true);
    write(0, BigInt(size));
    write(fields.name, names[i].address);
    write(fields.name_size, BigInt(name.length));
    write(fields.int64_value, BigInt(value));
    write(fields.value_size, 1n);
    values.view.setInt32(i * size + fields.type, layout.constants.PJRT_NamedValue_kInt64, true);
  });
  const args = allocateStruct(koffi, 'PJRT_Client_Create_Args');
  if (entries.length > 0) args.set('create_options', values.address).set('num_options', entries.length);
  call('PJRT_Client_Create', args);
  const client = args.get('client');
  freeAll([values, ...names, args]);
  return client;
}

function firstDevice(koffi: Koffi, call: Call, client: bigint): bigint {
  const args = allocateStruct(koffi, 'PJRT_Client_AddressableDevices_Args').set('client', client);
  call('PJRT_Client_AddressableDevices', args);
  const device = new DataView(koffi.view(args.get('addressable_devices'), 8)).getBigUint64(0, true);
  args.free();
  return device;
}

const bufferTypes = {
  f32: layout.constants.PJRT_Buffer_Type_F32,
  i32: layout.constants.PJRT_Buffer_Type_S32,
  u32: layout.constants.PJRT_Buffer_Type_U32,
  bool: layout.constants.PJRT_Buffer_Type_PRED,
  bf16: layout.constants.PJRT_Buffer_Type_BF16,
};
const arrays = { f32: Float32Array, i32: Int32Array, u32: Uint32Array, bool: Uint8Array };

function toBytes(data: ArrayLike<number>, { dtype }: Type): Uint8Array {
  if (dtype === 'bf16') return new Uint8Array(packBf16(data).buffer);
  return new Uint8Array(arrays[dtype].from(data).buffer);
}

function fromBytes(bytes: Uint8Array<ArrayBuffer>, { dtype }: Type): Data {
  if (dtype === 'bool') return Int32Array.from(bytes);
  if (dtype === 'bf16') return unpackBf16(new Uint16Array(bytes.buffer));
  return new arrays[dtype](bytes.buffer);
}

const utf8 = (text: string) => new TextEncoder().encode(text);

function freeAll(blocks: readonly Block[]): void {
  for (const block of blocks) block.free();
}
