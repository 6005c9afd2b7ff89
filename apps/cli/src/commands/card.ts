// `gristmill card`: a data card in Markdown.
import { dataCard } from '@gristmill/corpus';
import type { Command } from 'commander';
import { withCorpus } from '../open-corpus.ts';

export function registerCard(program: Command): void {
  program
    .command('card')
    .description('A data card in Markdown: sources, licences, languages, what was left out and why')
    .argument('<dir>', 'the corpus')
    .addHelpText('after', '\nExample:\n  gristmill card corpora/web > DATA-CARD.md\n')
    .action((dir: string) =>
      withCorpus(dir, async (store) => void process.stdout.write(await dataCard(store))),
    );
}
