// The decoders among the presets, with their published vocabularies.
import { createModel, findPreset, presets, type LanguageModel, type ModelConfig } from '@gristmill/models';

const names = [...Object.keys(presets), 'nanochat-d12', 'nanochat-d32'].filter((name) => name !== 'demo');

export function publishedDecoders(): Readonly<Record<string, LanguageModel>> {
  const models = names.map((name) => {
    const { model, vocabSize } = findPreset(name)!;
    return [name, createModel({ ...model, vocabSize, eosTokenId: 0 } as ModelConfig)] as const;
  });
  return Object.fromEntries(models.filter(([, { kind = 'decoder' }]) => kind === 'decoder'));
}
