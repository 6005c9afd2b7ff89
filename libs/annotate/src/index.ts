// Text in, signals out: one stage a column group. Policies over signals are data in libs/detect.
export { computeHeuristics, type HeuristicSignals } from './heuristics/compute-heuristics.ts';
export { heuristicSignalNames, heuristicsStage } from './heuristics-stage.ts';
export { languageStage } from './language-stage.ts';
export { personalDataStage } from './personal-data-stage.ts';
export { qualityStage, type QualityOptions } from './quality-stage.ts';
export { readingStage } from './reading-stage.ts';
export { topicStage, type TopicStageOptions } from './topic-stage.ts';
