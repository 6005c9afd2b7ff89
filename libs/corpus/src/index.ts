export type {
  BarrierStage,
  OutputFile,
  Phase,
  PhaseInput,
  PhaseTask,
  PreviousTask,
  TrainingStage,
  TrainingTask,
} from './barrier-stage.ts';
export type {
  Crawler,
  CrawlRequest,
  FetchedItem,
  FetchFacts,
  Importer,
  ImportFile,
} from './acquire-contract.ts';
