export { createBuilder, inline, type Builder } from './builder.ts';
export * as operations from './operations.ts';
export { differentiate } from './differentiate.ts';
export { interpret, type Precision } from './reference.ts';
export { philox4x32, fillPhilox } from './philox.ts';
export type { CompileOptions, Executable, Executor, HostData, Tensor } from './executor.ts';
export { openReferenceExecutor } from './reference-executor.ts';
export { openCpuExecutor } from './cpu/executor.ts';
export {
  createCpuEngine,
  type CpuBuffer,
  type CpuEngine,
  type CpuTask,
  type Schedule,
} from './cpu/engine.ts';
export { printProgram, sameShape, sizeOf, describeType } from './program.ts';
export type { Attributes, DType, Operation, Program, Type, Value } from './program.ts';
export { lowerToStableHlo } from './xla/stablehlo.ts';
export { openXlaExecutor, type XlaOptions } from './xla/executor.ts';
export { findPlugins, pluginPackages, type FoundPlugin, type Platform } from './xla/find-plugins.ts';
