// The executor: what runs programs. A program is compiled once, its tensors live where the executor keeps them, and
// arrays of this process go in and out by upload and download alone. Every executor passes one contract
// (tests/tensor/executor-contract.ts), so what trains or serves a model knows this file and no executor.

import type { Program, Type } from './program.ts';

/** Numbers of this process, in row-major order: of f32, of i32 and bool (0 or 1), of u32. */
export type HostData = Float32Array | Int32Array | Uint32Array;

/** A tensor that an executor holds. Opaque; it lives until it is disposed of or donated. */
export interface Tensor extends Type {
  /** Name of the executor that holds it. */
  readonly executor: string;
}

/** A program made ready by `compile`, to be run by the executor that compiled it. */
export interface Executable {
  readonly program: Program;
  readonly donate: Readonly<Record<string, string>>;
  /** Bytes that a run needs beside the buffers of its inputs and outputs, where the executor knows them. */
  readonly workingBytes?: number;
}

export interface CompileOptions {
  /** Output name → input name whose buffer it takes: a run consumes that input. Both have one type. */
  readonly donate?: Readonly<Record<string, string>>;
  /** What inputs and outputs are, by name (parameters, gradients, …), for the message when they do not fit. */
  readonly parts?: Readonly<Record<string, string>>;
  /** Products of f32 may read TF32, f32 with ten bits behind the point, where the device has it. Default: they do not. */
  readonly allowTf32?: boolean;
  /** Inputs of which, on several devices, each has an equal part of the first axis; of the others each has a copy. */
  readonly split?: readonly string[];
  /** Bytes that the caller will hold in the executor beside this program's inputs and outputs, by part. */
  readonly beside?: Readonly<Record<string, number>>;
}

/**
 * Everything is asynchronous, so a long run leaves the event loop free. What does not fit is a mistake of the calling
 * code, a TypeError: a wrong type, a name that the program does not have, a tensor that was disposed of or donated.
 */
export interface Executor {
  /** `cpu`, `xla`, `tfjs:BACKEND` or `reference`. */
  readonly name: string;
  /** Throws DataError (`model-too-large-for-cpu` …) where a run would not fit into memory. */
  compile(program: Program, options?: CompileOptions): Promise<Executable>;
  /** How many devices share a program's work. Default 1. */
  readonly devices?: number;
  /** Copies the numbers. With `split`, for inputs that a program splits, a part to each device. */
  upload(type: Type, data: ArrayLike<number>, options?: { readonly split?: boolean }): Promise<Tensor>;
  /** A tensor of zeros. */
  allocate(type: Type): Promise<Tensor>;
  /** Gives fresh tensors by output name; the caller owns them. Donated inputs must not be used again. */
  run(executable: Executable, inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  /** A copy. */
  download(tensor: Tensor): Promise<HostData>;
  /** A copy of the numbers from `from` until `to`, in row-major order. Absent where only whole tensors come out. */
  downloadPart?(tensor: Tensor, from: number, to: number): Promise<HostData>;
  /**
   * Writes bytes and then tensors, one after the other, into a new file, which is on the disk when this resolves; the
   * tensors must live until then. There where tensors lie in another process, so that they need not come to this one.
   */
  writeFile?(
    path: string,
    head: Uint8Array,
    tensors: readonly Tensor[],
  ): Promise<{ readonly sha256: string; readonly notFinite?: number }>;
  /** Frees at once; to dispose of what is gone already is no mistake. */
  dispose(...what: readonly (Tensor | Executable)[]): void;
  close(): Promise<void>;
}
