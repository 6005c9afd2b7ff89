// What is measured of a model and of what it wrote, for those who import the trainer.
export { chooseMetric, metricNames } from '../metric/measure.ts';
export { readSegments } from '../metric/read-segments.ts';
export type { MetricResult, Segment } from '../metric/segment.ts';
export { embedTexts } from '../embedding/embed-texts.ts';
export { createLengthCheck, type LengthCheck } from '../too-long.ts';
