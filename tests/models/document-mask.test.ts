// Documents packed into a row do not see each other where the objective says so.
import { expect, test } from 'vitest';
import { buildEvaluateProgram, createModel, createNextToken, initialise, presets } from '@gristmill/models';
import type { ModelConfig } from '@gristmill/models';
import { runOnCpu } from './run-on-cpu.ts';

const model = createModel({
  ...presets['nanogpt-char-cpu'].model,
  nPositions: 16,
  nLayer: 2,
  nEmbd: 32,
  initializerRange: 0.3,
  vocabSize: 29,
  eosTokenId: 0,
} as ModelConfig);
const weights = Object.fromEntries(
  model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 3)] as const),
);
const first = [5, 9, 2, 0];
const second = [7, 7, 3, 1, 8, 0];
const objective = createNextToken({ sequenceLength: 12, documentMask: true });

/** A row as the loader gives it, of documents that each end in 0. */
function pack(documents: readonly (readonly number[])[]) {
  const [inputs, targets] = [new Int32Array(12), new Int32Array(12)];
  const segments = new Int32Array(12).fill(-1);
  const [positions, lossMask] = [new Int32Array(12), new Uint8Array(12)];
  let at = 0;
  documents.forEach((tokens, number) =>
    tokens.forEach((token, i) => {
      inputs[at] = i === 0 ? 0 : tokens[i - 1];
      targets[at] = token;
      segments[at] = number;
      positions[at] = i;
      lossMask[at++] = 1;
    }),
  );
  return { rows: 1, inputs, targets, segments, positions, lossMask };
}

async function lossesOf(documents: readonly (readonly number[])[]): Promise<number[]> {
  const batch = objective.build(pack(documents), { step: 1 });
  const { losses } = await runOnCpu(buildEvaluateProgram(model, objective.shape(1)), {
    ...weights,
    ...batch,
  });
  return losses;
}

test("a document's losses in a packed row are those that it has alone", async () => {
  const packed = await lossesOf([first, second]);
  const alone = await lossesOf([second]);
  for (const [i, loss] of alone.slice(0, second.length).entries()) {
    expect(loss).toBeGreaterThan(0.01);
    expect(packed[first.length + i]).toBeCloseTo(loss, 5);
  }
  expect(packed.slice(10)).toEqual([0, 0]);
  expect(await lossesOf([[...first.slice(0, 3), 4, 0], second])).not.toEqual(packed);
});
