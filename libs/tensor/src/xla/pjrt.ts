// A client of PJRT, XLA's C interface: moves tensors to the devices of a plugin and runs programs there. With several
// devices each tensor is a buffer on every one of them: a copy, or its part along the first axis. A failed check inside a
// plugin ends the process, so what is passed was validated before.

import { byteSizeOf, type Type } from '../program.ts';
import { packBf16, unpackBf16 } from '../bf16.ts';
import type { Data } from '../data.ts';
import type { XlaCompileOptions } from './compile-options.ts';
import { allocateBlock, allocateStruct, blockOf, blockOfWords } from './native-memory.ts';
import {
  compileFor,
  describePlatform,
  deserialise,
  memoryOf,
  serialiseLoaded,
  type CompiledMemory,
} from './pjrt-compile.ts';
import { layout } from './pjrt-layout.ts';
import { freeAll, namedValues, openPlugin, type Plugin } from './pjrt-plugin.ts';

/** Addresses inside the plugin, one a device. */
export type Buffers = readonly bigint[];

export interface PjrtClient {
  /** Name and version of the platform. */
  readonly platform: string;
  /** A copy on every device; with `split` the type's first axis is cut into equal parts. */
  upload(data: ArrayLike<number>, type: Type, split?: boolean): Buffers;
  /** Of copies the first. */
  download(buffers: Buffers, type: Type): Data;
  freeBuffer(buffers: Buffers): void;
  /** Compiles StableHLO text for all devices. */
  compile(text: string, flags?: XlaCompileOptions['flags']): bigint;
  /** Undefined where the plugin cannot. */
  serialise(executable: bigint): Uint8Array | undefined;
  deserialise(bytes: Uint8Array): bigint;
  memoryOf(executable: bigint): CompiledMemory | undefined;
  /** Gives fresh buffers by output; donated inputs must still be freed. Waits until all is computed. */
  execute(executable: bigint, inputs: readonly Buffers[], outputs: number): Buffers[];
  freeExecutable(executable: bigint): void;
  close(): void;
}

export interface ClientOptions {
  /** Of the plugin's, the first so many. Default 1. */
  readonly devices?: number;
  /** Integers that the plugin takes when a client is made, such as cpu_device_count. */
  readonly options?: Readonly<Record<string, number>>;
}

/** @param path of a shared library that exports GetPjrtApi */
export async function openPjrt(
  path: string,
  { devices: count = 1, options = {} }: ClientOptions = {},
): Promise<PjrtClient> {
  const plugin = await openPlugin(path);
  const { koffi, run, destroy, awaitEvent } = plugin;
  const client = createClient(plugin, options);
  const devices = listDevices(plugin, client);
  if (devices.length < count) throw new Error(`the plugin has ${devices.length} devices, not ${count}`);
  devices.length = count;
  const executeOptions = allocateStruct(koffi, 'PJRT_ExecuteOptions');

  function uploadTo(device: bigint, content: Uint8Array, { shape, dtype }: Type): bigint {
    const bytes = blockOf(koffi, content);
    const dimensions = blockOfWords(koffi, shape);
    const args = run('PJRT_Client_BufferFromHostBuffer_Args', 'PJRT_Client_BufferFromHostBuffer', (a) =>
      a
        .set('client', client)
        .set('data', bytes.address)
        .setInt32('type', bufferTypes[dtype])
        .set('dims', dimensions.address)
        .set('num_dims', shape.length)
        .setInt32('host_buffer_semantics', layout.constants.PJRT_HostBufferSemantics_kImmutableOnlyDuringCall)
        .set('device', device),
    );
    awaitEvent(args.get('done_with_host_buffer'));
    const buffer = args.get('buffer');
    freeAll([bytes, dimensions, args]);
    return buffer;
  }

  return {
    platform: describePlatform(plugin, client),
    upload(data, type, split = false) {
      const bytes = toBytes(data, type);
      if (!split) return devices.map((device) => uploadTo(device, bytes, type));
      const size = bytes.length / count;
      const part = { dtype: type.dtype, shape: type.shape.with(0, type.shape[0] / count) };
      return devices.map((device, i) => uploadTo(device, bytes.subarray(i * size, (i + 1) * size), part));
    },
    download([buffer], type) {
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
    freeBuffer(buffers) {
      for (const buffer of buffers)
        destroy('PJRT_Buffer_Destroy_Args', 'PJRT_Buffer_Destroy', 'buffer', buffer);
    },
    compile: (text, flags) => compileFor(plugin, client, text, { devices: count, flags }),
    serialise: (executable) => serialiseLoaded(plugin, executable),
    deserialise: (bytes) => deserialise(plugin, client, bytes),
    memoryOf: (executable) => memoryOf(plugin, executable),
    execute(executable, inputs, outputs) {
      const given = devices.map((_, i) =>
        blockOfWords(
          koffi,
          inputs.map((buffers) => buffers[i]),
        ),
      );
      const results = devices.map(() => allocateBlock(koffi, outputs * 8));
      const [givenList, resultList] = [given, results].map((blocks) =>
        blockOfWords(
          koffi,
          blocks.map(({ address }) => address),
        ),
      );
      const done = allocateBlock(koffi, count * 8);
      const args = run('PJRT_LoadedExecutable_Execute_Args', 'PJRT_LoadedExecutable_Execute', (a) =>
        a
          .set('executable', executable)
          .set('options', executeOptions.address)
          .set('argument_lists', givenList.address)
          .set('num_devices', count)
          .set('num_args', inputs.length)
          .set('output_lists', resultList.address)
          .set('device_complete_events', done.address),
      );
      devices.forEach((_, i) => awaitEvent(done.view.getBigUint64(i * 8, true)));
      const handles = Array.from({ length: outputs }, (_, output) =>
        results.map(({ view }) => view.getBigUint64(output * 8, true)),
      );
      freeAll([...given, ...results, givenList, resultList, done, args]);
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

function createClient({ koffi, run }: Plugin, options: Readonly<Record<string, number>>): bigint {
  const values = namedValues(koffi, options);
  const count = Object.keys(options).length;
  const args = run('PJRT_Client_Create_Args', 'PJRT_Client_Create', (a) => {
    if (count > 0) a.set('create_options', values.address).set('num_options', count);
  });
  const client = args.get('client');
  freeAll([values, args]);
  return client;
}

function listDevices({ koffi, run }: Plugin, client: bigint): bigint[] {
  const args = run('PJRT_Client_AddressableDevices_Args', 'PJRT_Client_AddressableDevices', (a) =>
    a.set('client', client),
  );
  const count = Number(args.get('num_addressable_devices'));
  const list = new DataView(koffi.view(args.get('addressable_devices'), 8 * count));
  args.free();
  return Array.from({ length: count }, (_, i) => list.getBigUint64(8 * i, true));
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
