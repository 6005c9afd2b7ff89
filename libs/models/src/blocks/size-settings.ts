// The sizes of a model as settings of a run, and what a change of one means for the others.

import { DataError, type OptionSchema } from '@gristmill/core';

export const sizeSettings = {
  nPositions: { type: 'integer', least: 1, description: 'Longest sequence of the model, in tokens.' },
  nLayer: { type: 'integer', least: 1, description: 'Blocks.' },
  nHead: { type: 'integer', least: 1, description: 'Heads of attention in a block.' },
  nEmbd: { type: 'integer', least: 1, description: 'Width.' },
  nInner: { type: 'integer', least: 1, description: 'Width of the feed-forward layers.' },
  initializerRange: { type: 'number', least: 0, description: 'Standard deviation of the first weights.' },
} as const satisfies OptionSchema;

export const dropoutSetting = {
  dropout: { type: 'number', least: 0, description: 'Share of activations that training drops.' },
} as const satisfies OptionSchema;

export const decoderSetting = {
  nDecoderLayer: { type: 'integer', least: 1, description: 'Blocks of the decoder; default nLayer.' },
} as const satisfies OptionSchema;

export const groupSetting = {
  nKeyValueHead: {
    type: 'integer',
    least: 1,
    description: 'Heads of keys and values, which several heads of queries share; divides nHead.',
  },
} as const satisfies OptionSchema;

export const windowSetting = {
  window: {
    type: 'integer',
    least: 0,
    description:
      'Attention sees keys at a distance below this, in the blocks that have a window; 0: in none.',
  },
} as const satisfies OptionSchema;

interface Sizes {
  readonly nLayer: number;
  readonly nHead: number;
  readonly nEmbd: number;
  readonly nInner?: number;
  readonly nKeyValueHead?: number;
  readonly headSize?: number;
}

/**
 * Sets fields. Where the width or the heads change, what hangs on them and is not set itself keeps its proportion: the
 * feed-forward width, heads that share keys; a width of heads that was given is forgotten.
 */
export function resize<Config extends Sizes>(
  config: Config,
  values: Readonly<Record<string, number>>,
): Config {
  const changed = { ...config, ...values };
  const { nInner, nKeyValueHead, headSize } = config;
  const follows = (name: string, of: string) => of in values && !(name in values);
  return {
    ...changed,
    ...(nInner !== undefined && follows('nInner', 'nEmbd')
      ? { nInner: Math.max(1, Math.round((nInner * changed.nEmbd) / config.nEmbd)) }
      : {}),
    ...(nKeyValueHead !== undefined && follows('nKeyValueHead', 'nHead')
      ? { nKeyValueHead: shareOf(changed.nHead, config.nHead / nKeyValueHead) }
      : {}),
    ...(headSize !== undefined && ('nEmbd' in values || 'nHead' in values) ? { headSize: undefined } : {}),
  };
}

/** The same; a run that sets dropout means all of it. */
export const changeWithDropout = <Config extends Sizes>(
  config: Config,
  values: Readonly<Record<string, number>>,
): Config => ({
  ...resize(config, values),
  ...('dropout' in values ? { embeddingDropout: undefined, attentionDropout: undefined } : {}),
});

const shareOf = (heads: number, shared: number) => (heads % shared === 0 ? heads / shared : heads);

/** A property of blocks, one a block; repeated from the start where there are more of them. */
export const repeatPattern = <T>(pattern: readonly T[], count: number): T[] =>
  Array.from({ length: count }, (_, i) => pattern[i % pattern.length]);

/** Width of a head. @throws DataError `wrong-setting` where sizes do not go together */
export function checkHeads({ nEmbd, nHead, nKeyValueHead = nHead, headSize }: Omit<Sizes, 'nLayer'>): number {
  if (headSize === undefined && nEmbd % nHead !== 0)
    throw new DataError('wrong-setting', `nHead ${nHead} does not divide nEmbd ${nEmbd}`, 'choose another');
  if (nHead % nKeyValueHead !== 0)
    throw new DataError(
      'wrong-setting',
      `nKeyValueHead ${nKeyValueHead} does not divide nHead ${nHead}`,
      'choose another',
    );
  return headSize ?? nEmbd / nHead;
}
