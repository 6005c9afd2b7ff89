// What is measured of a model and of what it wrote, for those who import the trainer.
export { chooseMetric, metricNames } from '../metric/measure.ts';
export { readSegments } from '../metric/read-segments.ts';
export type { MetricResult, Segment } from '../metric/segment.ts';
export { embedTexts } from '../embedding/embed-texts.ts';
export { createLengthCheck, type LengthCheck } from '../too-long.ts';
export { findInterval } from './bootstrap.ts';
export { evaluateTask, type TaskOptions, type TaskResult } from './evaluate-task.ts';
export { measureMacroF1 } from './measures.ts';
export { scoreRequests } from './request.ts';
export { openTask } from './task-file.ts';
export { evaluateItems, evaluateShards, summarise, type Evaluation } from '../evaluate.ts';
export { createItemTest, createStepFinder, findLeftOut, type LeftOut } from '../left-out.ts';
export { createScorer, cutWindows, type ScoredWindow } from '../scorer.ts';
export { evaluateWriting } from './generation-task.ts';
