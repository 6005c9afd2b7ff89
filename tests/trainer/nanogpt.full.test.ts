// The anchor that nanoGPT publishes: its CPU configuration on tiny Shakespeare, 2,000 steps, reaches a validation loss
// of about 1.88 over 20 batches, and in PyTorch 1.905 over 200. From equal weights and batches PyTorch's run is ours.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { initialise, writeModel } from '@gristmill/models';
import { findPython, runPython } from '../python/python.ts';
import {
  drawStarts,
  hasText,
  modelOf,
  rates,
  readCharacters,
  settings,
  trainNanoGpt,
} from './nanogpt-run.ts';

const python = findPython(['torch', 'transformers', 'safetensors']);
const missing = [hasText ? '' : 'tiny Shakespeare', python ? '' : 'Python with torch']
  .filter(Boolean)
  .join(', ');
const why = missing ? ` (skipped: no ${missing})` : '';
const say = (text: string) => process.stdout.write(`${text}\n`);

const program = `
import json, sys, numpy, torch
from transformers import GPT2LMHeadModel
torch.set_num_threads(1)  # two threads wait for each other longer than they compute
given = json.load(open(sys.argv[1] + '/given.json'))
model = GPT2LMHeadModel.from_pretrained(sys.argv[1]).train()
decayed = [p for p in model.parameters() if p.dim() >= 2]
others = [p for p in model.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW([{'params': decayed}, {'params': others, 'weight_decay': 0}],
    betas=(given['beta1'], given['beta2']), eps=given['epsilon'], weight_decay=given['weightDecay'])
starts = torch.tensor(given['starts']).view(-1, given['batch'])
def loss_at(text, rows):
    window = torch.stack([text[at:at + given['length'] + 1] for at in rows.tolist()])
    logits = model(window[:, :-1]).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), window[:, 1:].flatten())
training, held_out = torch.tensor(given['training']), torch.tensor(given['heldOut'])
losses = []
for rate, rows in zip(given['rates'], starts):
    for group in optimizer.param_groups:
        group['lr'] = rate
    loss = loss_at(training, rows)
    optimizer.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), given['clip'])
    optimizer.step()
    losses.append(loss.item())
with torch.no_grad():
    validation = [loss_at(held_out, rows).item() for rows in starts[len(losses):]]
print(json.dumps({'losses': losses, 'validationLoss': sum(validation) / len(validation)}))
`;

const ownLosses: number[] = [];

test.skipIf(missing !== '')(
  `from the same weights and batches PyTorch's losses and validation loss are ours${why}`,
  async () => {
    const characters = readCharacters();
    const starts = drawStarts(characters, 1337);
    const directory = mkdtempSync(join(tmpdir(), 'gristmill-nanogpt-'));
    const model = modelOf(characters.vocabSize);
    const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 1337)]));
    await writeModel(directory, { model }, weights);
    const { training, heldOut } = characters;
    const { microBatchSize: batch, sequenceLength: length } = settings;
    const data = {
      training: [...training],
      heldOut: [...heldOut],
      starts: [...starts],
      rates,
      batch,
      length,
    };
    writeFileSync(join(directory, 'given.json'), JSON.stringify({ ...settings, ...data }));
    const ours = await trainNanoGpt(characters, starts, 1337);
    const theirs = JSON.parse(runPython(python!, program, [directory])) as typeof ours;
    const differences = ours.losses.map((loss, i) => Math.abs(loss - theirs.losses[i]));
    say(
      `greatest difference of the first 50 losses: ${Math.max(...differences.slice(0, 50)).toExponential(1)}`,
    );
    say(`validation loss after ${ours.losses.length} steps, 200 batches: ${ours.validationLoss.toFixed(4)}`);
    say(`PyTorch's: ${theirs.validationLoss.toFixed(4)}`);
    expect(Math.max(...differences.slice(0, 50))).toBeLessThan(1e-3);
    expect(Math.abs(ours.validationLoss - theirs.validationLoss)).toBeLessThan(0.01);
    ownLosses.push(ours.validationLoss);
  },
);

test.skipIf(!hasText)(`the mean validation loss of three seeds is at most 1.92${why}`, async () => {
  const characters = readCharacters();
  for (const seed of [1337, 1338, 1339].slice(ownLosses.length)) {
    const { validationLoss } = await trainNanoGpt(characters, drawStarts(characters, seed), seed);
    say(`validation loss of seed ${seed}: ${validationLoss.toFixed(4)}`);
    ownLosses.push(validationLoss);
  }
  const mean = ownLosses.reduce((sum, loss) => sum + loss, 0) / ownLosses.length;
  say(`mean of ${ownLosses.length} seeds: ${mean.toFixed(4)}`);
  expect(ownLosses).toHaveLength(3);
  expect(mean).toBeLessThan(1.92);
  for (const loss of ownLosses) expect(loss).toBeGreaterThan(1.85);
});
