// Whatever Hugging Face's GPT2Config can say is computed as transformers computes it, or refused by name.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildLogitsProgram, readModel } from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import { runOnCpu } from './run-on-cpu.ts';

const python = findPython(['torch', 'transformers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';

/** Arguments of GPT2Config that change what is computed; null: refused. */
const modelled: Readonly<Record<string, object>> = {
  'as it comes': {},
  'a width of its own for feed-forward layers': { n_inner: 40 },
  'the exact GELU': { activation_function: 'gelu' },
  'the tanh GELU by its other name': { activation_function: 'gelu_pytorch_tanh' },
  'another epsilon': { layer_norm_epsilon: 0.01 },
  'a head of its own': { tie_word_embeddings: false },
  'unscaled attention': { scale_attn_weights: false },
  'attention scaled by layer': { scale_attn_by_inverse_layer_idx: true },
  'attention in another order': { reorder_and_upcast_attn: true },
};
const refused: Readonly<Record<string, object>> = {
  'activation_function "relu"': { activation_function: 'relu' },
  'activation_function "silu"': { activation_function: 'silu' },
  'add_cross_attention true': { add_cross_attention: true },
};

/** Of GPT2Config's own keys: read, refused unless at the default, or without influence on logits and loss. */
const known = {
  read: 'vocab_size n_positions n_embd n_layer n_head n_inner activation_function resid_pdrop embd_pdrop attn_pdrop layer_norm_epsilon initializer_range scale_attn_weights scale_attn_by_inverse_layer_idx eos_token_id tie_word_embeddings',
  refused: 'add_cross_attention',
  idle: 'summary_type summary_use_proj summary_activation summary_proj_to_labels summary_first_dropout use_cache bos_token_id pad_token_id reorder_and_upcast_attn model_type',
};

const tokens = Array.from({ length: 12 }, (_, i) => (i * 7 + 3) % 97);

const make = `
import json, sys, torch
from transformers import GPT2Config, GPT2LMHeadModel
folder, tokens, cases = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
small = dict(vocab_size=97, n_positions=16, n_embd=24, n_layer=2, n_head=2, initializer_range=0.3)
logits = {}
for i, (name, change) in enumerate(cases.items()):
    torch.manual_seed(i)
    model = GPT2LMHeadModel._from_config(GPT2Config(**small, **change), attn_implementation='eager').eval()
    model.save_pretrained(f'{folder}/{i}')
    logits[name] = model(torch.tensor([tokens])).logits.flatten().tolist()
own = set(GPT2Config().to_dict()) - set(__import__('transformers').PretrainedConfig().to_dict())
print(json.dumps({'logits': logits, 'own': sorted(own)}))
`;

test.skipIf(!python)(`config.json is computed as transformers does, or refused by name${why}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-config-'));
  const cases = { ...modelled, ...refused };
  const printed = runPython(python!, make, [folder, JSON.stringify(tokens), JSON.stringify(cases)]);
  const { logits, own } = JSON.parse(printed) as { logits: Record<string, number[]>; own: string[] };
  const listed = new Set(Object.values(known).flatMap((names) => names.split(' ')));
  expect(own.filter((key) => !listed.has(key))).toEqual([]);
  for (const [i, name] of Object.keys(cases).entries()) {
    if (name in refused) {
      const [key, value] = name.split(' ');
      await expect(readModel(join(folder, String(i))), name).rejects.toMatchObject({
        code: 'not-modelled',
        message: expect.stringContaining(`${key} ${value.replaceAll('"', '')}`) as string,
      });
      continue;
    }
    const { model, weights } = await readModel(join(folder, String(i)));
    const program = buildLogitsProgram(model, { batch: 1, length: tokens.length });
    const ours = await runOnCpu(program, { ...Object.fromEntries(weights), tokens });
    const worst = Math.max(...ours.logits.map((logit, at) => Math.abs(logit - logits[name][at])));
    expect(worst, name).toBeLessThan(2e-4);
  }
});
