// A LLaVA of some hundred thousand parameters for pictures of 32 × 32.
import type { ModelConfig } from '@gristmill/models';

export const smallLlava: ModelConfig = {
  ...{ modelType: 'llava', textType: 'llama', vocabSize: 1, eosTokenId: 0, nPositions: 128 },
  ...{ nLayer: 2, nHead: 4, nKeyValueHead: 4, nEmbd: 64, nInner: 128, rmsNormEpsilon: 1e-5 },
  ...{ initializerRange: 0.05, rope: { theta: 10_000 } },
  vision: {
    ...{ imageSize: 32, patchSize: 8, nLayer: 2, nHead: 4, nEmbd: 64, nInner: 128 },
    ...{ activation: 'quick_gelu', layerNormEpsilon: 1e-5, initializerRange: 0.05 },
  },
  ...{ visionFeatureLayer: -1, projectorActivation: 'gelu' },
};
