// Models and the training that goes with them, by name: data, not code.

import { bloomPresets } from './presets/bloom.ts';
import { encoderPresets } from './presets/encoders.ts';
import { gptPresets } from './presets/gpt.ts';
import { llamaPresets } from './presets/llama.ts';
import { nanochat, readDepth } from './presets/nanochat.ts';
import type { Preset } from './presets/preset.ts';
import { t5Presets } from './presets/t5.ts';
import { transformerPresets } from './presets/transformer.ts';

export type { ModelPreset, Preset, TrainingRecipe } from './presets/preset.ts';

export const presets: Readonly<Record<string, Preset>> = {
  ...gptPresets,
  ...encoderPresets,
  ...t5Presets,
  ...transformerPresets,
  ...llamaPresets,
  ...bloomPresets,
  'nanochat-d20': nanochat(20),
};

/** A preset by its name; any even depth N from 2 to 128 is one, as nanochat-dN. */
export function findPreset(name: string): Preset | undefined {
  if (Object.hasOwn(presets, name)) return presets[name];
  const depth = readDepth(name);
  return depth === undefined ? undefined : nanochat(depth);
}
