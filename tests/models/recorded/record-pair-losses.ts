// Records the losses of ten AdamW steps of BERT and T5 in PyTorch, from weights and batches that are ours:
//   node tests/models/recorded/record-pair-losses.ts > tests/models/recorded/pair-losses.json
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeModel } from '@gristmill/models';
import { findPython, runPython } from '../../python/python.ts';
import { batchOf, learningRate, rows, steps, trainings, weightsOf } from '../pair-training.ts';

const train = `
import json, sys, torch, transformers
given = json.load(sys.stdin)
out = {'transformers': transformers.__version__, 'torch': torch.__version__, 'losses': {}}
for name, run in given['runs'].items():
    kind = {'bert': 'BertForPreTraining', 't5': 'T5ForConditionalGeneration'}[name]
    model = getattr(transformers, kind).from_pretrained(run['directory'], attn_implementation='eager').eval()
    decayed = [p for p in model.parameters() if p.dim() >= 2]
    others = [p for p in model.parameters() if p.dim() < 2]
    optimizer = torch.optim.AdamW([{'params': decayed, 'weight_decay': 0.1}, {'params': others, 'weight_decay': 0.0}],
                                  lr=given['learningRate'], betas=(0.9, 0.95), eps=1e-8)
    losses = []
    for batch in run['batches']:
        b = {key: torch.tensor(value) for key, value in batch.items()}
        labels = b['targets'].masked_fill(b['targets'] < 0, -100)
        if name == 'bert':
            loss = model(b['tokens'], attention_mask=(b['segments'] >= 0).long(), token_type_ids=b['tokenTypes'],
                         labels=labels, next_sentence_label=b['nextSentence'][:, 0]).loss
        else:
            loss = model(input_ids=b['encoderTokens'], attention_mask=(b['encoderSegments'] >= 0).long(),
                         decoder_input_ids=b['tokens'], labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.item())
    out['losses'][name] = losses
print(json.dumps(out, indent=2))
`;

const python = findPython(['torch', 'transformers']);
if (!python) throw new Error('no Python with torch and transformers: bash tests/python/setup.sh');
const runs: Record<string, unknown> = {};
for (const [name, training] of Object.entries(trainings)) {
  const directory = mkdtempSync(join(tmpdir(), 'gristmill-record-'));
  await writeModel(directory, { model: training.model }, weightsOf(training.model));
  const batches = Array.from({ length: steps }, (_, i) =>
    Object.fromEntries(
      Object.entries(batchOf(training, i + 1)).map(([field, values]) => {
        const width = values.length / rows;
        return [
          field,
          Array.from({ length: rows }, (__, row) => [...values.slice(row * width, (row + 1) * width)]),
        ];
      }),
    ),
  );
  runs[name] = { directory, batches };
}
process.stdout.write(runPython(python, train, [], JSON.stringify({ learningRate, runs })));
