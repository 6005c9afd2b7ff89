// Ten steps of training a small decoder of each family, for record-losses.py and for the test that does them here:
// settings, batches and first weights, which both sides compute alike. Run as a program it prints them.
import { fileURLToPath } from 'node:url';
import { smallDecoders } from '../small-decoders.ts';

export const training = {
  ...{ steps: 10, rows: 4, length: 16, learningRate: 0.003, beta1: 0.9, beta2: 0.95, epsilon: 1e-8 },
  ...{ weightDecay: 0.1, clip: 1 },
};

export const trainedDecoders = Object.fromEntries(
  ['GPT-1', 'GPT-2', 'GPT-Neo', 'LLaMA', 'Qwen 2', 'Mistral', 'SmolLM3', 'BLOOM', 'nanochat'].map((name) => [
    name,
    smallDecoders[name],
  ]),
);

/** Rows of length + 1 tokens of a step, from 0. */
export const tokensOf = (step: number): number[][] =>
  Array.from({ length: training.rows }, (_, row) =>
    Array.from(
      { length: training.length + 1 },
      (_value, t) => (row * 31 + step * 17 + t * t * 7 + t + 3) % 37,
    ),
  );

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const batches = Array.from({ length: training.steps }, (_, step) => tokensOf(step));
  process.stdout.write(JSON.stringify({ training, decoders: trainedDecoders, batches }));
}
