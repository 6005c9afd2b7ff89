// XLA's CompileOptionsProto (xla/pjrt/proto/compile_options.proto), as far as it is used: how many devices share a
// program, and flags of the compiler. A plugin that is given no options ends the process.

export interface XlaCompileOptions {
  /** Devices that share one program, each with its part of what is split. Default 1. */
  readonly devices?: number;
  /** XLA's flags by name, for this program alone. */
  readonly flags?: Readonly<Record<string, number | boolean | string>>;
}

export function encodeCompileOptions({ devices = 1, flags = {} }: XlaCompileOptions = {}): Uint8Array {
  const build = [
    ...integer(4, 1), // num_replicas
    ...integer(5, devices), // num_partitions
    ...(devices > 1 ? [...integer(6, 1), ...message(9, encodeAssignment(devices))] : []), // use_spmd_partitioning
  ];
  const overrides = Object.entries(flags).flatMap(([name, value]) =>
    message(7, [...text(1, name), ...message(2, encodeFlag(value))]),
  );
  return Uint8Array.from([...message(3, build), ...overrides]);
}

/** DeviceAssignmentProto: partition i runs on device i. */
function encodeAssignment(devices: number): number[] {
  const partitions = Array.from({ length: devices }, (_, device) => message(3, message(1, varint(device))));
  return [...integer(1, 1), ...integer(2, devices), ...partitions.flat()];
}

/** OptionOverrideProto */
function encodeFlag(value: number | boolean | string): number[] {
  if (typeof value === 'string') return text(1, value);
  return typeof value === 'boolean' ? integer(2, Number(value)) : integer(3, value);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return [...bytes, value];
}

const integer = (field: number, value: number) => [...varint(field << 3), ...varint(value)];
const message = (field: number, bytes: readonly number[]) => [
  ...varint((field << 3) | 2),
  ...varint(bytes.length),
  ...bytes,
];
const text = (field: number, value: string) => message(field, [...Buffer.from(value)]);
