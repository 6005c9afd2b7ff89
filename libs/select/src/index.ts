// Decides what stays: policies over signals, survivors among duplicates, splits.
export { electSurvivors, type Candidate, type ElectionOptions, type Removal } from './elect-survivors.ts';
export { resolveSelectOptions, type SelectOptions } from './select-options.ts';
export type { ResolvedSelectOptions } from './select-options.ts';
export { selectStage } from './select-stage.ts';
export { joinSpans, markCopies } from './mark-copies.ts';
