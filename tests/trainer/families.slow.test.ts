// The commands on models of other families than GPT-2, as transformers saves them: what is imported is scored and continued
// as transformers does.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['torch', 'transformers', 'tokenizers']);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const bin = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const trainer = (...args: string[]) => execFileSync(process.execPath, [bin, ...args], { encoding: 'utf8' });

const wide = { hidden_size: 32, num_hidden_layers: 2, num_attention_heads: 4, intermediate_size: 64 };
const families: Readonly<Record<string, object>> = {
  llama: { ...wide, num_key_value_heads: 2 },
  bloom: { hidden_size: 32, n_layer: 2, n_head: 4 },
};
const texts = ['The mill stands by the river.', 'Zwölf Müller mahlen Mehl, and no two alike!'];
const prompt = 'The miller said';

const program = `
import json, sys, torch, transformers
from tokenizers import Tokenizer, models, pre_tokenizers, decoders, trainers
from transformers import AutoConfig, AutoModelForCausalLM
transformers.utils.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
folder, families, texts, prompt = sys.argv[1], *(json.loads(x) for x in sys.argv[2:])
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokenizer.decoder = decoders.ByteLevel()
trainer = trainers.BpeTrainer(vocab_size=300, special_tokens=['<unk>', '<s>', '</s>'], show_progress=False,
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
tokenizer.train_from_iterator(texts, trainer)
results = {}
for name, given in families.items():
    torch.manual_seed(1)
    config = AutoConfig.for_model(name, vocab_size=tokenizer.get_vocab_size(), bos_token_id=1, eos_token_id=2,
        initializer_range=0.3, **given)
    model = AutoModelForCausalLM.from_config(config, attn_implementation='eager').eval()
    model.save_pretrained(f'{folder}/{name}')
    tokenizer.save(f'{folder}/{name}/tokenizer.json')
    def score(text):
        ids = torch.tensor([[1, *tokenizer.encode(text).ids]])
        likely = torch.log_softmax(model(ids[:, :-1]).logits[0], -1)
        return likely.gather(1, ids[0, 1:, None]).sum().item()
    ids = tokenizer.encode(prompt).ids
    for _ in range(12):
        ids.append(model(torch.tensor([ids])).logits[0, -1].argmax().item())
        if ids[-1] == 2: break
    results[name] = {'scores': [score(text) for text in texts],
                     'text': tokenizer.decode([one for one in ids[len(tokenizer.encode(prompt).ids):] if one != 2])}
print(json.dumps(results))
`;

interface Expected {
  readonly scores: readonly number[];
  readonly text: string;
}
const folder = mkdtempSync(join(tmpdir(), 'gristmill-families-'));
let expected: Readonly<Record<string, Expected>>;
beforeAll(() => {
  if (!python) return;
  const given = [families, texts, prompt].map((value) => JSON.stringify(value));
  expected = JSON.parse(runPython(python, program, [folder, ...given])) as typeof expected;
  writeFileSync(
    join(folder, 'texts.jsonl'),
    texts.map((text, id) => `${JSON.stringify({ id: String(id), text })}\n`).join(''),
  );
});

test.skipIf(!python).each(Object.keys(families))(
  `an imported %s scores and writes as transformers does${why}`,
  (name) => {
    const imported = join(folder, `${name}-imported`);
    trainer('import', join(folder, name), '--out', imported);
    const scored = trainer('score', '--model', imported, join(folder, 'texts.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { logLikelihood: number });
    scored.forEach(({ logLikelihood }, i) =>
      expect(Math.abs(logLikelihood - expected[name].scores[i])).toBeLessThan(1e-3),
    );
    const flags = ['--prompt', prompt, '--temperature', '0', '--max-tokens', '12'];
    expect(trainer('generate', '--model', imported, ...flags)).toContain(expected[name].text.trim());
  },
);
