export { createTrainingStep, type TrainingStep } from './training-step.ts';
export { train, type LossLine, type TrainOptions } from './train.ts';
export { prepareRun, writeRunDescription, type PreparedRun, type TrainRequest } from './prepare-run.ts';
export { openShardSource, type SampleSource, type Samples } from './sample-source.ts';
export {
  defaultSettings,
  learningRateAt,
  optimizerOf,
  parseAssignments,
  resolveSettings,
} from './settings.ts';
export type { RunSettings } from './settings.ts';
export { createScorer, cutWindows, type ScoredWindow } from './scorer.ts';
export { sampleToken, type SamplingOptions } from './sampler.ts';
export { findModelDirectory, loadModel, type LoadedModel } from './loaded-model.ts';
export { openTextTokenizer, type TextTokenizer } from './text-tokenizer.ts';
export { evaluateItems, evaluateShards, summarise, type Evaluation } from './evaluate.ts';
export { generateTokens, type GenerateOptions } from './generate.ts';
export { createItemTest, findLeftOut, type LeftOut } from './left-out.ts';
