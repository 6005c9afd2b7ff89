// Text in, repaired text and counts of what was repaired out.
export { checkCleanOptions, cleanRules, cleanText } from './clean-text.ts';
export type { CleanOptions, CleanResult, CleanRule } from './clean-text.ts';
export { cleanStage } from './clean-stage.ts';
