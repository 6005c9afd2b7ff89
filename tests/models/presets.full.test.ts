// Every preset counted by transformers: its class, from our config.json, without memory (the meta device).
import { expect, test } from 'vitest';
import { countParameters, createModel, findPreset, presets, type ModelConfig } from '@gristmill/models';
import { formatJson } from '../../libs/models/src/model-directory.ts';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';

const program = `
import json, sys, torch, transformers
counts = {}
for name, text in json.loads(sys.stdin.read()).items():
    config = json.loads(text)
    kind = config['model_type']
    if kind == 'gpt3':
        config['model_type'] = 'gpt2'
    if kind == 'nanochat_windowed':
        config['model_type'] = 'nanochat'
    made = transformers.AutoConfig.for_model(**config)
    with torch.device('meta'):
        model = getattr(transformers, config['architectures'][0])(made)
    own = {key: p.numel() for key, p in model.named_parameters() if not key.endswith('embed_positions.weight')} \
        if kind == 'marian' else {key: p.numel() for key, p in model.named_parameters()} # tables of sines are no parameters
    counts[name] = sum(own.values())
    if kind == 'marian':
        counts[name] += model.final_logits_bias.numel()
    if kind == 't5' and not config['tie_word_embeddings'] and model.lm_head.weight is model.shared.weight:
        counts[name] += model.lm_head.weight.numel() # transformers 5 ties what v1.1 does not
print(json.dumps(counts))
`;

test.skipIf(!python)(`transformers counts what the presets have${why}`, () => {
  const models = Object.fromEntries(
    Object.keys(presets).flatMap((name) => {
      const { model, vocabSize, bare } = findPreset(name)!;
      const whole = createModel({ ...model, vocabSize, eosTokenId: 0 } as ModelConfig);
      const alone = bare && createModel({ ...model, ...bare, vocabSize, eosTokenId: 0 } as ModelConfig);
      return [[name, whole], ...(alone ? [[`${name} bare`, alone]] : [])] as [string, typeof whole][];
    }),
  );
  const configs = Object.fromEntries(
    Object.entries(models).map(([name, model]) => [name, formatJson(model.toJson())]),
  );
  const counts = JSON.parse(runPython(python!, program, [], JSON.stringify(configs))) as Record<
    string,
    number
  >;
  for (const [name, model] of Object.entries(models)) expect(countParameters(model), name).toBe(counts[name]);
});
