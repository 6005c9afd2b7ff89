export { createTrainingStep, type TrainingStep } from './training-step.ts';
export { train, type LossLine, type TrainOptions } from './train.ts';
export { openShardSource, type SampleSource, type Samples } from './sample-source.ts';
export { defaultSettings, optimizerOf, resolveSettings, type RunSettings } from './settings.ts';
