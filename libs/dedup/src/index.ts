// Texts in, exact classes and verified pairs out. Thresholds and survivors are select's.
export { findDuplicates, type DuplicateOptions, type Duplicates, type FormEdge } from './find-duplicates.ts';
export { createFingerprinter, type Fingerprinter, type Overlap, type Signature } from './fingerprint.ts';
export { findingProbability, resolveScheme, schemes, type Scheme, type SchemeName } from './scheme.ts';
export { measureBatches } from './measure-pairs.ts';
export { dedupStage } from './dedup-stage.ts';
export { passageStage } from './passage-stage.ts';
export { paragraphStage } from './paragraph-stage.ts';
export { findPassages, findPieces, type RepeatedText } from './find-repeats.ts';
