export { packStage } from './pack-stage.ts';
export { countJob, tokenizerStage, type TokenizerOptions } from './tokenizer-stage.ts';
export { prepareText, type PreparedText, type TextSpan } from './prepare-text.ts';
export type { PackOptions } from './pack-options.ts';
