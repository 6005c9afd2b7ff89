// Each token from those before it. With a document mask, those of its own document alone, at positions counted from its
// beginning: a document's losses are then those that it has in a row of its own.

import type { BatchArrays } from '../batch.ts';
import { maskTargets, perToken, type Objective } from './objective.ts';

export interface NextTokenOptions {
  readonly sequenceLength: number;
  /** Documents packed into a row do not see each other. */
  readonly documentMask?: boolean;
}

export function createNextToken({ sequenceLength, documentMask = false }: NextTokenOptions): Objective {
  return {
    name: 'next-token',
    sampleLength: sequenceLength,
    sampleLengthAt: (length) => length,
    documentBounds: documentMask,
    shape: (batch) => ({
      batch,
      length: sequenceLength,
      ...(documentMask
        ? { further: { segments: perToken(sequenceLength), positions: perToken(sequenceLength) } }
        : {}),
    }),
    build(loaded): BatchArrays {
      const { inputs: tokens, segments, positions } = loaded;
      const targets = maskTargets(loaded);
      if (!documentMask) return { tokens, targets };
      if (!segments || !positions) throw new TypeError('the bounds of documents are missing');
      return { tokens, targets, segments, positions };
    },
  };
}
