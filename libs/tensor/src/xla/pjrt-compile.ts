// Programs of a PJRT plugin: compiled for devices that are here, or for a description of one that is not, written down
// and read again, and what the compiler says of them.

import { allocateStruct, blockOf, type Struct } from './native-memory.ts';
import { encodeCompileOptions, type XlaCompileOptions } from './compile-options.ts';
import { freeAll, namedValues, utf8, type Plugin } from './pjrt-plugin.ts';

/** Compiles StableHLO text for the client's devices. @returns a loaded executable */
export function compileFor(plugin: Plugin, client: bigint, text: string, options: XlaCompileOptions): bigint {
  return withProgram(plugin, text, options, (program, how) => {
    const args = plugin.run('PJRT_Client_Compile_Args', 'PJRT_Client_Compile', (a) =>
      a
        .set('client', client)
        .set('program', program.address)
        .set('compile_options', how.address)
        .set('compile_options_size', how.size),
    );
    const executable = args.get('executable');
    args.free();
    return executable;
  });
}

/** Bytes of the device, by the compiler's plan. */
export interface CompiledMemory {
  readonly code: number;
  readonly inputs: number;
  readonly outputs: number;
  /** Of the outputs those that lie where inputs lay. */
  readonly shared: number;
  readonly scratch: number;
}

export interface CompiledElsewhere {
  readonly memory: CompiledMemory;
  /** The optimised program as a serialised HloModuleProto. */
  readonly optimised: Uint8Array;
  /** What a client of that device could load. */
  readonly executable?: Uint8Array;
}

/**
 * Compiles for a device that need not be here.
 * @param target a GpuTargetConfigProto as text
 */
export function compileElsewhere(
  plugin: Plugin,
  text: string,
  { target, ...options }: XlaCompileOptions & { readonly target: string },
): CompiledElsewhere {
  const values = namedValues(plugin.koffi, { topology: '1x1x1', target_config: target });
  const name = blockOf(plugin.koffi, utf8(''));
  const created = plugin.run('PJRT_TopologyDescription_Create_Args', 'PJRT_TopologyDescription_Create', (a) =>
    a
      .set('topology_name', name.address)
      .set('topology_name_size', 0)
      .set('create_options', values.address)
      .set('num_options', 2),
  );
  const topology = created.get('topology');
  freeAll([values, name, created]);
  return withProgram(plugin, text, options, (program, how) => {
    const args = plugin.run('PJRT_Compile_Args', 'PJRT_Compile', (a) =>
      a
        .set('topology', topology)
        .set('program', program.address)
        .set('compile_options', how.address)
        .set('compile_options_size', how.size),
    );
    const executable = args.get('executable');
    args.free();
    const compiled = {
      memory: readMemory(plugin, executable),
      optimised: readOptimised(plugin, executable),
      executable: serialise(plugin, executable),
    };
    plugin.destroy('PJRT_Executable_Destroy_Args', 'PJRT_Executable_Destroy', 'executable', executable);
    const field = 'topology';
    plugin.destroy(
      'PJRT_TopologyDescription_Destroy_Args',
      'PJRT_TopologyDescription_Destroy',
      field,
      topology,
    );
    return compiled;
  });
}

/** Of a loaded executable; undefined where the plugin cannot. */
export function serialiseLoaded(plugin: Plugin, loaded: bigint): Uint8Array | undefined {
  const executable = executableOf(plugin, loaded);
  const bytes = serialise(plugin, executable);
  plugin.destroy('PJRT_Executable_Destroy_Args', 'PJRT_Executable_Destroy', 'executable', executable);
  return bytes;
}

/** @returns a loaded executable. Throws where the bytes are another plugin's */
export function deserialise(plugin: Plugin, client: bigint, bytes: Uint8Array): bigint {
  const block = blockOf(plugin.koffi, bytes);
  try {
    const args = plugin.run(
      'PJRT_Executable_DeserializeAndLoad_Args',
      'PJRT_Executable_DeserializeAndLoad',
      (a) =>
        a
          .set('client', client)
          .set('serialized_executable', block.address)
          .set('serialized_executable_size', bytes.length),
    );
    const loaded = args.get('loaded_executable');
    args.free();
    return loaded;
  } finally {
    block.free();
  }
}

/** Of a loaded executable; undefined where the plugin does not say. */
export function memoryOf(plugin: Plugin, loaded: bigint): CompiledMemory | undefined {
  const executable = executableOf(plugin, loaded);
  try {
    return readMemory(plugin, executable);
  } catch {
    return undefined;
  } finally {
    plugin.destroy('PJRT_Executable_Destroy_Args', 'PJRT_Executable_Destroy', 'executable', executable);
  }
}

function executableOf(plugin: Plugin, loaded: bigint): bigint {
  const args = plugin.run(
    'PJRT_LoadedExecutable_GetExecutable_Args',
    'PJRT_LoadedExecutable_GetExecutable',
    (a) => a.set('loaded_executable', loaded),
  );
  const executable = args.get('executable');
  args.free();
  return executable;
}

function serialise({ koffi, run }: Plugin, executable: bigint): Uint8Array | undefined {
  let args: Struct;
  try {
    args = run('PJRT_Executable_Serialize_Args', 'PJRT_Executable_Serialize', (a) =>
      a.set('executable', executable),
    );
  } catch {
    return undefined; // not every plugin can
  }
  const size = Number(args.get('serialized_bytes_size'));
  const bytes = new Uint8Array(koffi.view(args.get('serialized_bytes'), size)).slice();
  const signature = koffi.proto(`void PjrtDelete${deleters++}(uintptr_t executable)`);
  koffi.decode(args.get('serialized_executable_deleter'), signature)(args.get('serialized_executable'));
  args.free();
  return bytes;
}

let deleters = 0; // koffi wants a new name for each

function readMemory({ run }: Plugin, executable: bigint): CompiledMemory {
  const args = run(
    'PJRT_Executable_GetCompiledMemoryStats_Args',
    'PJRT_Executable_GetCompiledMemoryStats',
    (a) => a.set('executable', executable),
  );
  const read = (what: string) => Number(BigInt.asIntN(64, args.get(`${what}_size_in_bytes`)));
  const memory = {
    code: read('generated_code'),
    inputs: read('argument'),
    outputs: read('output'),
    shared: read('alias'),
    scratch: read('temp'),
  };
  args.free();
  return memory;
}

/** Asked twice: how long it is, then for it. */
function readOptimised({ koffi, run }: Plugin, executable: bigint): Uint8Array {
  const program = allocateStruct(koffi, 'PJRT_Program');
  const ask = () =>
    run('PJRT_Executable_OptimizedProgram_Args', 'PJRT_Executable_OptimizedProgram', (a) =>
      a.set('executable', executable).set('program', program.address),
    ).free();
  ask();
  const size = Number(program.get('code_size'));
  const code = blockOf(koffi, new Uint8Array(size));
  program.set('code', code.address);
  ask();
  const bytes = new Uint8Array(code.view.buffer, 0, size).slice();
  freeAll([code, program]);
  return bytes;
}

function withProgram<T>(
  { koffi }: Plugin,
  text: string,
  options: XlaCompileOptions,
  work: (program: Struct, how: { readonly address: bigint; readonly size: number }) => T,
): T {
  const encoded = encodeCompileOptions(options);
  const [code, format, how] = [utf8(text), utf8('mlir'), encoded].map((bytes) => blockOf(koffi, bytes));
  const program = allocateStruct(koffi, 'PJRT_Program')
    .set('code', code.address)
    .set('code_size', Buffer.byteLength(text))
    .set('format', format.address)
    .set('format_size', 4);
  try {
    return work(program, { address: how.address, size: encoded.length });
  } finally {
    freeAll([code, format, how, program]);
  }
}

/** The plugin's name and version of its platform: what a written executable depends on. */
export function describePlatform(plugin: Plugin, client: bigint): string {
  const { run, textOf } = plugin;
  const name = run('PJRT_Client_PlatformName_Args', 'PJRT_Client_PlatformName', (a) =>
    a.set('client', client),
  );
  const version = run('PJRT_Client_PlatformVersion_Args', 'PJRT_Client_PlatformVersion', (a) =>
    a.set('client', client),
  );
  const text = `${textOf(name, 'platform_name')} ${textOf(version, 'platform_version')}`;
  freeAll([name, version]);
  return text;
}
