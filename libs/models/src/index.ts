export { architectures, type Architecture, type ModelConfig, type ParameterSpec } from './architecture.ts';
export { initialise } from './initialise.ts';
export { readModel, writeModel, writeModelFiles, type Model } from './model-directory.ts';
export { presets, type ModelPreset, type Preset } from './presets.ts';
export { readHeader, readTensors, writeTensors, type Tensor } from './safetensors.ts';
export {
  buildGradientProgram,
  buildLogitsProgram,
  buildLossProgram,
  buildNextTokenProgram,
  findArchitecture,
  type BatchShape,
} from './programs.ts';
export { buildAdamWProgram, buildClipProgram } from './optimizer-programs.ts';
export { buildMuonProgram, buildReduceProgram } from './optimizer-programs.ts';
export { buildStepProgram } from './step-program.ts';
export type { AdamWOptions, MuonOptions } from './optimizer-programs.ts';
export { maskTokens, type ObjectiveRows } from './objectives/masked-language.ts';
export { corruptSpans, spanCorruptionLengths } from './objectives/span-corruption.ts';
