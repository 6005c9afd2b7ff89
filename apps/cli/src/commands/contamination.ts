// `gristmill contamination`: evaluation items that stand in documents of a corpus.
import { contaminationReport, type ContaminatedItem } from '@gristmill/corpus';
import type { Command } from 'commander';
import { createLineWriter } from '../json-lines.ts';
import { withCorpus } from '../open-corpus.ts';
import { formatTable } from '../table.ts';

interface Flags {
  readonly set?: string;
  readonly json?: boolean;
}

export function registerContamination(program: Command): void {
  program
    .command('contamination')
    .description('Which items of evaluation sets stand in which documents, by item')
    .argument('<dir>', 'the corpus')
    .option('--set <name>', 'one evaluation set only')
    .option(
      '--json',
      'JSON lines {set, item, documents: [{id, source, url?, split?, start, end, words, excerpt}]}',
    )
    .addHelpText('after', '\nExample:\n  gristmill contamination corpora/web --set lambada\n')
    .action((dir: string, flags: Flags) =>
      withCorpus(dir, async (store) => {
        const items = await contaminationReport(store);
        const shown = items.filter(({ set }) => flags.set === undefined || set === flags.set);
        if (flags.json !== true) return void process.stdout.write(spellItems(shown));
        const writer = createLineWriter(undefined);
        for (const item of shown) await writer.write(item);
        await writer.close();
      }),
    );
}

const shownItems = 100;

function spellItems(items: readonly ContaminatedItem[]): string {
  if (items.length === 0) return 'no item of an evaluation set was found\n';
  const rows = items.slice(0, shownItems).map(({ set, item, documents }) => {
    const longest = documents.reduce((most, one) => (one.words > most.words ? one : most));
    const trained = documents.filter(({ split }) => split === 'train').length;
    const excerpt = longest.excerpt.replaceAll(/\s+/g, ' ').slice(0, 60);
    return [set, item, documents.length, trained, longest.words, excerpt];
  });
  const rest = items.length > shownItems ? `${items.length - shownItems} more; --json lists all\n` : '';
  return formatTable(['set', 'item', 'documents', 'trained on', 'words', 'longest span'], rows) + rest;
}
