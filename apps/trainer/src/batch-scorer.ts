// Losses of rows that an objective made, under weights as they are now: as many at once as a number of tokens allows, the
// last ones filled up with rows that do not count.

import { batchTypes, buildEvaluateProgram, type LanguageModel, type Objective } from '@gristmill/models';
import { sizeOf, type Executable, type Executor, type Tensor } from '@gristmill/tensor';
import type { Samples } from './sample-source.ts';
import { createScorer } from './scorer.ts';

export interface BatchScorer {
  /** Nats over all targets of some rows, each a batch of one. */
  sumLosses(rows: readonly Samples[]): Promise<number>;
}

export interface BatchScorerOptions {
  readonly executor: Executor;
  readonly model: LanguageModel;
  /** Default: the next token. */
  readonly objective?: Pick<Objective, 'shape'>;
  /** The parameters as they are now. */
  parameters(): Readonly<Record<string, Tensor>>;
}

const tokensAtOnce = 2048;

export function createBatchScorer(options: BatchScorerOptions): BatchScorer {
  const { executor, model, objective, parameters } = options;
  if (objective === undefined || objective.shape(1).further === undefined) return ofWindows(options);
  const batch = Math.max(1, Math.floor(tokensAtOnce / objective.shape(1).length));
  const shape = objective.shape(batch);
  const types = Object.entries(batchTypes(shape));
  let compiled: Promise<Executable> | undefined;

  async function sumBatch(rows: readonly Samples[]): Promise<number> {
    compiled ??= executor.compile(buildEvaluateProgram(model, shape));
    const inputs: Record<string, Tensor> = {};
    for (const [name, type] of types) {
      const data = new (type.dtype === 'f32' ? Float32Array : Int32Array)(sizeOf(type.shape));
      if (name === 'targets' || name === 'nextSentence') data.fill(-1);
      rows.forEach((row, i) => data.set(row[name], (i * data.length) / batch));
      inputs[name] = await executor.upload(type, data);
    }
    const outputs = await executor.run(await compiled, { ...parameters(), ...inputs });
    let total = 0;
    for (const tensor of Object.values(outputs))
      for (const loss of await executor.download(tensor)) total += loss;
    executor.dispose(...Object.values(inputs), ...Object.values(outputs));
    return total;
  }

  return {
    async sumLosses(rows) {
      let total = 0;
      for (let from = 0; from < rows.length; from += batch)
        total += await sumBatch(rows.slice(from, from + batch));
      return total;
    },
  };
}

/** Rows of tokens and targets alone. */
function ofWindows({ executor, model, parameters }: BatchScorerOptions): BatchScorer {
  const scorer = createScorer({ executor, model, parameters });
  return {
    async sumLosses(rows) {
      const losses = await scorer.score(rows);
      return losses.reduce((sum, row) => sum + row.reduce((all, loss) => all + loss, 0), 0);
    },
  };
}
