// Every preset counted by transformers: its class, from our config.json, without memory (the meta device).
import { expect, test } from 'vitest';
import { countParameters, createModel, findPreset, presets, type ModelConfig } from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';

const program = `
import json, sys, torch, transformers
counts = {}
for name, config in json.loads(sys.stdin.read()).items():
    kind = config['model_type']
    if kind == 'gpt3':
        config['model_type'] = 'gpt2'
    if 'final_logit_softcapping' in config: # JSON writes 20.0 as 20, which their types refuse
        config['final_logit_softcapping'] = float(config['final_logit_softcapping'])
    if kind == 'nanochat_windowed':
        config['model_type'] = 'nanochat'
    made = transformers.AutoConfig.for_model(**config)
    with torch.device('meta'):
        model = getattr(transformers, config['architectures'][0])(made)
    counts[name] = sum(p.numel() for p in model.parameters())
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
  const configs = Object.fromEntries(Object.entries(models).map(([name, model]) => [name, model.toJson()]));
  const counts = JSON.parse(runPython(python!, program, [], JSON.stringify(configs))) as Record<
    string,
    number
  >;
  for (const [name, model] of Object.entries(models)) expect(countParameters(model), name).toBe(counts[name]);
});
