export type { BarrierStage, OutputFile, Phase, PhaseInput, PhaseTask } from './barrier-stage.ts';
export type { PreviousTask, TrainingFile, TrainingStage, TrainingTask } from './barrier-stage.ts';
export type {
  BodyOpener,
  Crawler,
  CrawlRequest,
  FetchedItem,
  Importer,
  ImportFile,
} from './acquire-contract.ts';
export { checkRecipe, loadRecipe, recipeJsonSchema, stageNames, type Recipe } from './recipe.ts';
export { folderRecipeName, requireLastRun, type LastRun, type MadeRecipe } from './last-run.ts';
export { runRecipe, type RunOutcome, type RunRequest } from './run-recipe.ts';
export { droppedShare, makeFunnel, unreadableFiles, type FunnelRow } from './funnel.ts';
export type { Progress } from './progress.ts';
export { readManifest, requireManifest, type Manifest, type ManifestFile } from './manifest.ts';
export { corpusStatus, type CorpusStatus } from './status.ts';
export { explainDocument, explainOpen, type Explanation } from './explain.ts';
export { gatherReport, type CorpusReport, type ReportText } from './report.ts';
export { droppedDocuments, sourceLosses, type DroppedDocument, type SourceLosses } from './dropped.ts';
export { stepsThatSaw, type TrainedSteps } from './training-runs.ts';
export { forget, foreseeForget, type ForgetPlan, type ForgetReport } from './forget.ts';
export { openStepTable, stepTableNames, type StepTable } from './step-table.ts';
export { consentReport, corpusOrigins, type ConsentReport, type Loss } from './consent-report.ts';
export { addHostReadings, hostsFolder } from './host-readings.ts';
export { openRawFolder } from './raw-folder.ts';
export { erasureKinds, readErasures, type Erasure, type ErasureKind } from './erasures.ts';
export { diffBuilds, type BuildDiff } from './diff.ts';
export { whatIf } from './what-if.ts';
export { checkCorpus, folderOf, removeDamaged, type Damage } from './fsck.ts';
export { collectGarbage, foreseeGarbage, pinnedIndexes, type GcOutcome } from './gc.ts';
export { dataCard } from './card.ts';
export { contaminationReport, type ContaminatedItem } from './contamination-report.ts';
export { openBuiltTokens, openSelected, selectedDocuments, type SelectedDocument } from './selected.ts';
export { auditedDocuments, auditedSignals, type AuditedDocument } from './audited-documents.ts';
export { openBuild, partitionsOf, readDocuments } from './build-documents.ts';
export type { BuiltDocument, OpenBuild } from './build-documents.ts';
