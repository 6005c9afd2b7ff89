import type { Command } from 'commander';
import { withModel, type LoadedModel } from '../loaded-model.ts';
import { readTexts, type TextItem } from '../read-texts.ts';
import { cutWindows } from '../scorer.ts';
import { openTextTokenizer, type TextTokenizer } from '../text-tokenizer.ts';

export function registerScore(program: Command): void {
  program
    .command('score')
    .description('Log-likelihood of texts, after a context where one is given')
    .argument('<file>', 'JSON lines {id, text, context?}; - for standard input')
    .requiredOption('--model <dir>', 'a model directory, or the folder of a run')
    .addHelpText('after', '\nExample:\n  gristmill-trainer score --model run/model texts.jsonl')
    .action((file: string, flags: { model: string }) =>
      withModel(flags.model, async (model) => {
        const tokenizer = await openTextTokenizer(model.tokenizer, flags.model);
        for await (const item of readTexts(file))
          process.stdout.write(`${JSON.stringify(await scoreItem(model, tokenizer, item))}\n`);
      }),
    );
}

/**
 * The text's tokens after those of its context (or the token that begins a text), in one pass. Where both are longer than the
 * model reads, windows overlap by half: a token then has at least half a window before it.
 */
async function scoreItem(
  { model, scorer }: LoadedModel,
  tokenizer: TextTokenizer,
  { id, text, context }: TextItem,
) {
  const { startOfText, maxLength } = model;
  const given = context ? tokenizer.encode(context) : [startOfText];
  const wanted = tokenizer.encode(text);
  let [logLikelihood, greedy, target] = [0, true, 0];
  for await (const window of cutWindows([[...given, ...wanted]], maxLength, Math.max(1, maxLength >> 1))) {
    // Targets are numbered from 1 over all windows; those of the context are not scored.
    window.targets.forEach((token, i) => {
      if (token >= 0 && ++target < given.length) window.targets[i] = -1;
    });
    if (window.targets.every((token) => token < 0)) continue;
    const [{ losses, likeliest }] = await scorer.rank([window]);
    window.targets.forEach((token, i) => {
      logLikelihood -= losses[i];
      greedy &&= token < 0 || likeliest[i] === token;
    });
  }
  return { id, logLikelihood, tokens: wanted.length, greedy };
}
