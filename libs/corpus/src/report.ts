// What a report shows of a corpus, gathered: facts, texts, and for every document that it names the explanation.

import { sumCounts } from '@gristmill/shards';
import type { Store } from '@gristmill/storage';
import { openBuild, type OpenBuild } from './build-documents.ts';
import { explainOpen, type Explanation } from './explain.ts';
import { requireManifest, type Manifest } from './manifest.ts';
import { gatherReportFacts, type ReportFacts } from './report-facts.ts';
import {
  readDuplicates,
  readReportTexts,
  sampleTexts,
  type ReportDuplicate,
  type ReportText,
} from './report-texts.ts';
import { acquireStep } from './steps.ts';

export interface CorpusReport {
  readonly manifest: Pick<Manifest, 'build' | 'recipe' | 'pins'>;
  readonly facts: ReportFacts;
  readonly steps: readonly ReportStep[];
  readonly samples: readonly ReportText[];
  readonly duplicates: readonly ReportDuplicate[];
  /** Some of what no training has seen. */
  readonly heldOut: readonly ReportText[];
  /** Of every document that is named. */
  readonly explanations: ReadonlyMap<string, Explanation>;
}

export interface ReportStep {
  readonly step: string;
  readonly documentsIn: number;
  readonly documentsOut: number;
  readonly bytesOut?: number;
  readonly tokensOut?: number;
}

export type { ReportText } from './report-texts.ts';

const [samplesOfEach, mostDuplicates, mostNamed] = [2, 8, 150];

export async function gatherReport(store: Store): Promise<CorpusReport> {
  const build = await openBuild(store, await requireManifest(store));
  const facts = await gatherReportFacts(build);
  const samples = await sampleTexts(build, facts, samplesOfEach);
  const duplicates = await readDuplicates(build, facts, mostDuplicates);
  const heldOut = [...(await readReportTexts(build, facts.heldOut)).values()];
  const named = new Set([
    ...samples.map(({ id }) => id),
    ...duplicates.flatMap(({ id, witness }) => [id, witness]),
    ...facts.losses.flatMap(({ examples }) => examples),
    ...facts.languages.flatMap(({ examples }) => examples),
  ]);
  const explanations = new Map<string, Explanation>();
  for (const id of [...named].slice(0, mostNamed)) explanations.set(id, await explainOpen(build, id));
  return {
    manifest: build.manifest,
    facts,
    steps: stepsOf(build),
    samples,
    duplicates,
    heldOut,
    explanations,
  };
}

/** Steps that count documents, in their order. */
function stepsOf({ state, rowSteps, manifest }: OpenBuild): ReportStep[] {
  const stages = ((manifest.recipe.steps ?? []) as unknown as { stage: string }[]).map(({ stage }) => stage);
  const place = (step: string) =>
    rowSteps.includes(step) ? rowSteps.indexOf(step) - rowSteps.length : stages.indexOf(step);
  const steps = [...new Set(state.markers.map(({ step }) => step))].sort((a, b) => place(a) - place(b));
  return steps.flatMap((step) => {
    const counts = sumCounts(state.markers.filter((marker) => marker.step === step));
    if (counts.documentsIn === undefined && step !== acquireStep) return [];
    const { documentsIn = 0, documentsOut = 0, bytesOut, tokensOut, tokens } = counts;
    return [{ step, documentsIn, documentsOut, bytesOut, tokensOut: tokensOut ?? tokens }];
  });
}
