// The settings of each optimiser, and the optimiser that they make.

import type { OptionSchema, ResolvedOptions } from '@gristmill/core';
import {
  createAdafactor,
  createAdam,
  createAdamW,
  createMuon,
  createSgd,
  withAverage,
  withRates,
  type Optimizer,
} from '@gristmill/models';
import { flag, rate, share } from './setting-kinds.ts';

const rates = {
  embeddingRateFactor: rate(1, 'Learning rate of lookup tables relative to learningRate.'),
  headRateFactor: rate(1, 'Learning rate of a head that is no lookup table, relative to learningRate.'),
};

const decay = (value: number) => ({
  weightDecay: rate(value, 'Of tables and matrices.'),
  decayEmbeddings: flag(true, 'Whether tables (embeddings, heads) decay too.'),
  ...rates,
});

const moments = {
  beta1: share(0.9, "Adam's decay of the mean of gradients."),
  beta2: share(0.95, "Adam's decay of the mean of their squares."),
  epsilon: rate(1e-8, "Adam's."),
};

const adamw = {
  ...moments,
  ...decay(0.1),
  scaleByRms: flag(
    false,
    "Steps relative to each tensor's root mean square, as Adafactor takes them; T5 needs it under AdamW.",
  ),
};

const schemas = {
  adamw,
  adam: { ...moments, ...decay(0) },
  sgd: {
    momentum: share(0.9, 'Of SGD; 0: none.'),
    nesterov: flag(false, "Nesterov's momentum."),
    ...decay(0),
  },
  adafactor: {
    decayRate: rate(0.8, 'At update t the second moment decays by 1 − t^−decayRate (Adafactor).'),
    updateClip: rate(1, "Greatest root mean square of Adafactor's update before the learning rate."),
    updateMomentum: share(0, "Of Adafactor's update; 0: none."),
    scaleByRms: flag(true, adamw.scaleByRms.description),
    ...decay(0),
  },
  muon: {
    ...adamw,
    muonMomentum: share(0.95, "Muon's."),
    muonRateFactor: rate(5, "Learning rate of Muon's matrices relative to learningRate."),
    muonIteration: {
      type: 'string',
      values: ['newton-schulz', 'polar-express'],
      default: 'newton-schulz',
      description: 'How Muon makes a momentum orthogonal.',
    },
  },
} as const satisfies Record<string, OptionSchema>;

export type OptimizerName = keyof typeof schemas;

/** The settings that an optimiser has, with its own defaults. Muon has AdamW's, for what is no matrix. */
export const optimizerSchemas: Readonly<Record<OptimizerName, OptionSchema>> = schemas;

/** The choice, and every setting of any optimiser. */
export const optimizerSchema = {
  optimizer: {
    type: 'string',
    values: ['adamw', 'adam', 'sgd', 'adafactor', 'muon'],
    default: 'adamw',
    description:
      'AdamW; Adam, whose decay is in the gradient; SGD with momentum; Adafactor; or Muon for the matrices inside blocks and AdamW for the rest.',
  },
  ...schemas.sgd,
  ...schemas.adafactor,
  ...schemas.muon,
  weightDecay: { ...withoutDefault(adamw.weightDecay), otherwise: '0.1 under adamw and muon, else 0' },
  scaleByRms: { ...withoutDefault(adamw.scaleByRms), otherwise: 'true under adafactor, else false' },
} as const satisfies OptionSchema;

function withoutDefault<S extends { readonly default: unknown }>({
  default: _,
  ...spec
}: S): Omit<S, 'default'> {
  return spec;
}

export type OptimizerSettings = {
  [Name in OptimizerName]: { readonly optimizer: Name } & ResolvedOptions<(typeof schemas)[Name]>;
}[OptimizerName];

/** @param emaDecay 0: no average of the weights is kept */
export function createOptimizer(settings: OptimizerSettings & { readonly emaDecay?: number }): Optimizer {
  const { emaDecay = 0, embeddingRateFactor: embedding, headRateFactor: head } = settings;
  const optimizer = withRates(chooseOptimizer(settings), { embedding, head });
  return emaDecay === 0 ? optimizer : withAverage(optimizer, emaDecay);
}

function chooseOptimizer(settings: OptimizerSettings): Optimizer {
  switch (settings.optimizer) {
    case 'adamw':
      return createAdamW(settings);
    case 'adam':
      return createAdam(settings);
    case 'sgd':
      return createSgd(settings);
    case 'adafactor':
      return createAdafactor({ ...settings, beta1: settings.updateMomentum });
    case 'muon':
      return createMuon({
        momentum: settings.muonMomentum,
        weightDecay: settings.weightDecay,
        iteration: settings.muonIteration,
        rateFactor: settings.muonRateFactor,
        rest: settings,
      });
  }
}
