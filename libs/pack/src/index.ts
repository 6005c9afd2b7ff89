export { packStage } from './pack-stage.ts';
export { countJob, tokenizerStage, type TokenizerOptions } from './tokenizer-stage.ts';
export { prepareText, type PreparedText, type TextSpan } from './prepare-text.ts';
export { resolvePackOptions, type PackOptions } from './pack-options.ts';
export { parseCensus, spellCensus, takeCensus, type TokenCensus, type TokenGroup } from './token-census.ts';
export { reportTokens, type TokenReport, type ReportedToken } from './token-report.ts';
export { measureDrift, type TokenDrift } from './token-drift.ts';
