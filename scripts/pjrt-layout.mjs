// Writes libs/tensor/src/xla/pjrt-layout.ts from a pjrt_c_api.h: the C compiler, not a person, computes the offsets.
// Run by hand: node scripts/pjrt-layout.mjs path/to/pjrt_c_api.h. Fields are only ever appended to PJRT's structs, so
// the layout of the oldest supported header works with newer plugins.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the client uses, and nothing else. */
const structs = {
  PJRT_Error_Message_Args: 'error message message_size',
  PJRT_Error_Destroy_Args: 'error',
  PJRT_Plugin_Initialize_Args: '',
  PJRT_NamedValue: 'name name_size type int64_value value_size',
  PJRT_Client_Create_Args: 'create_options num_options client',
  PJRT_Client_Destroy_Args: 'client',
  PJRT_Client_AddressableDevices_Args: 'client addressable_devices num_addressable_devices',
  PJRT_Program: 'code code_size format format_size',
  PJRT_Client_Compile_Args: 'client program compile_options compile_options_size executable',
  PJRT_LoadedExecutable_Destroy_Args: 'executable',
  PJRT_LoadedExecutable_GetExecutable_Args: 'loaded_executable executable',
  PJRT_Compile_Args: 'topology program compile_options compile_options_size executable',
  PJRT_TopologyDescription_Create_Args:
    'topology_name topology_name_size create_options num_options topology',
  PJRT_TopologyDescription_Destroy_Args: 'topology',
  PJRT_Executable_Destroy_Args: 'executable',
  PJRT_Executable_Serialize_Args:
    'executable serialized_bytes serialized_bytes_size serialized_executable serialized_executable_deleter',
  PJRT_Executable_DeserializeAndLoad_Args:
    'client serialized_executable serialized_executable_size loaded_executable',
  PJRT_Executable_OptimizedProgram_Args: 'executable program',
  PJRT_Executable_GetCompiledMemoryStats_Args:
    'executable generated_code_size_in_bytes argument_size_in_bytes output_size_in_bytes alias_size_in_bytes temp_size_in_bytes',
  PJRT_Client_PlatformName_Args: 'client platform_name platform_name_size',
  PJRT_Client_PlatformVersion_Args: 'client platform_version platform_version_size',
  PJRT_Client_BufferFromHostBuffer_Args:
    'client data type dims num_dims host_buffer_semantics device done_with_host_buffer buffer',
  PJRT_ExecuteOptions: '',
  PJRT_LoadedExecutable_Execute_Args:
    'executable options argument_lists num_devices num_args output_lists device_complete_events',
  PJRT_Buffer_ToHostBuffer_Args: 'src dst dst_size event',
  PJRT_Buffer_Destroy_Args: 'buffer',
  PJRT_Event_Await_Args: 'event',
  PJRT_Event_Destroy_Args: 'event',
};
const slots = Object.keys(structs)
  .filter((name) => name.endsWith('_Args'))
  .map((name) => name.slice(0, -'_Args'.length));
const constants = [
  'PJRT_Buffer_Type_PRED',
  'PJRT_Buffer_Type_S32',
  'PJRT_Buffer_Type_U32',
  'PJRT_Buffer_Type_F32',
  'PJRT_Buffer_Type_BF16',
  'PJRT_HostBufferSemantics_kImmutableOnlyDuringCall',
  'PJRT_NamedValue_kInt64',
  'PJRT_NamedValue_kString',
];

const header = resolve(process.argv[2]);
const prints = [
  ...Object.entries(structs).flatMap(([name, fields]) => [
    `printf("S ${name} %zu\\n", sizeof(${name}));`,
    ...fields
      .split(' ')
      .filter(Boolean)
      .map((field) => `printf("F ${name} ${field} %zu\\n", offsetof(${name}, ${field}));`),
  ]),
  ...slots.map((slot) => `printf("A ${slot} %zu\\n", offsetof(PJRT_Api, ${slot}));`),
  ...constants.map((name) => `printf("C ${name} %d\\n", (int)${name});`),
  'printf("V major %d\\nV minor %d\\n", PJRT_API_MAJOR, PJRT_API_MINOR);',
];
const folder = mkdtempSync(join(tmpdir(), 'pjrt-layout-'));
writeFileSync(
  join(folder, 'print.c'),
  `#include <stdio.h>\n#include <stddef.h>\n#include "${header}"\nint main(void) {\n${prints.join('\n')}\nreturn 0;\n}\n`,
);
execFileSync('gcc', ['-w', '-o', join(folder, 'print'), join(folder, 'print.c')], { stdio: 'inherit' });

const layout = { version: {}, slots: {}, sizes: {}, fields: {}, constants: {} };
for (const line of execFileSync(join(folder, 'print'), { encoding: 'utf8' }).trim().split('\n')) {
  const [kind, name, ...rest] = line.split(' ');
  const value = Number(rest.at(-1));
  if (kind === 'S') layout.sizes[name] = value;
  if (kind === 'F') (layout.fields[name] ??= {})[rest[0]] = value;
  if (kind === 'A') layout.slots[name] = value;
  if (kind === 'C') layout.constants[name] = value;
  if (kind === 'V') layout.version[name] = value;
}
const text = `// Written by scripts/pjrt-layout.mjs from pjrt_c_api.h ${layout.version.major}.${layout.version.minor}: sizes and byte offsets of what pjrt.ts uses.

export const layout = ${JSON.stringify(layout, undefined, 2)} as const;
`;
writeFileSync(fileURLToPath(new URL('../libs/tensor/src/xla/pjrt-layout.ts', import.meta.url)), text);
