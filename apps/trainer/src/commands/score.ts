import type { Command } from 'commander';
import { loadModel, type LoadedModel } from '../loaded-model.ts';
import { readTexts, type TextItem } from '../read-texts.ts';
import { openTextTokenizer, type TextTokenizer } from '../text-tokenizer.ts';

export function registerScore(program: Command): void {
  program
    .command('score')
    .description('Log-likelihood of texts, after a context where one is given')
    .argument('<file>', 'JSON lines {id, text, context?}; - for standard input')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .addHelpText('after', '\nExample:\n  gristmill-trainer score --model run/model texts.jsonl')
    .action(async (file: string, flags: { model: string }) => {
      const model = await loadModel(flags.model);
      const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
      for await (const item of readTexts(file))
        process.stdout.write(`${JSON.stringify(await scoreItem(model, tokenizer, item))}\n`);
      await model.close();
    });
}

/** The text's tokens after those of its context (or an end-of-text token), each given all before it that fits. */
async function scoreItem(model: LoadedModel, tokenizer: TextTokenizer, { id, text, context }: TextItem) {
  const { endOfText, maxLength } = model.model;
  const given = context ? tokenizer.encode(context) : [endOfText];
  const wanted = tokenizer.encode(text);
  const tokens = [...given, ...wanted];
  let logLikelihood = 0;
  let greedy = true;
  for (let at = given.length; at < tokens.length; at++) {
    const logits = await model.nextLogits(tokens.slice(Math.max(0, at - maxLength), at));
    logLikelihood += logProbability(logits, tokens[at]);
    greedy &&= likeliest(logits) === tokens[at];
  }
  return { id, logLikelihood, tokens: wanted.length, greedy };
}

function logProbability(logits: Float32Array, token: number): number {
  const top = logits[likeliest(logits)];
  const total = logits.reduce((sum, logit) => sum + Math.exp(logit - top), 0);
  return logits[token] - top - Math.log(total);
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i] > logits[best]) best = i;
  return best;
}
