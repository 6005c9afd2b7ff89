export type { BarrierStage, OutputFile, Phase, PhaseInput, PhaseTask } from './barrier-stage.ts';
export type { PreviousTask, TrainingStage, TrainingTask } from './barrier-stage.ts';
export type {
  Crawler,
  CrawlRequest,
  FetchedItem,
  FetchFacts,
  Importer,
  ImportFile,
} from './acquire-contract.ts';
export { checkRecipe, loadRecipe, stageNames, type Recipe, type StageName } from './recipe.ts';
export { runRecipe, type RunOutcome, type RunRequest } from './run-recipe.ts';
export { droppedShare, makeFunnel, type FunnelRow } from './funnel.ts';
export { silentProgress, type Progress } from './progress.ts';
export { readManifest, type Manifest } from './manifest.ts';
