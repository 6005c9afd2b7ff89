export { architectures, type Architecture, type ModelConfig, type ParameterSpec } from './architecture.ts';
export { initialise } from './initialise.ts';
export {
  buildGradientProgram,
  buildLogitsProgram,
  buildLossProgram,
  findArchitecture,
  type BatchShape,
} from './programs.ts';
export {
  buildAdamWProgram,
  buildClipProgram,
  buildMuonProgram,
  buildReduceProgram,
} from './optimizer-programs.ts';
export type { AdamWOptions, MuonOptions } from './optimizer-programs.ts';
