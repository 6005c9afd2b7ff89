// `gristmill explain`: one document from its source to the training steps that saw it.
import { explainDocument, stepsThatSaw, type Explanation, type TrainedSteps } from '@gristmill/corpus';
import type { Command } from 'commander';
import { openCorpus, withCorpus } from '../open-corpus.ts';

interface Flags {
  readonly run?: string;
  readonly json?: boolean;
}

export function registerExplain(program: Command): void {
  program
    .command('explain')
    .description('One document from its source to the training steps that saw it')
    .argument('<dir>', 'the corpus')
    .argument('<url-or-id>', 'a URL, an id, or <source>/<path>')
    .option('--run <dir>', 'a training run: lists the steps that saw the document')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      '\nExample:\n  gristmill explain corpora/web https://example.org/page --run runs/gpt\n',
    )
    .action((dir: string, name: string, flags: Flags) =>
      withCorpus(dir, async (store) => {
        const explanation = await explainDocument(store, name);
        const trained =
          flags.run === undefined
            ? undefined
            : await stepsThatSaw(store, await openCorpus(flags.run), explanation.id);
        if (flags.json) process.stdout.write(`${JSON.stringify({ ...explanation, trained })}\n`);
        else process.stdout.write(spellExplanation(explanation, trained));
      }),
    );
}

function spellExplanation(
  { id, build, steps, tables, cluster, shards }: Explanation,
  trained: TrainedSteps | undefined,
): string {
  const lines = [`document ${id} in build ${build}`];
  const add = (title: string, values: Readonly<Record<string, unknown>>) => {
    lines.push(title);
    for (const [name, value] of Object.entries(values))
      lines.push(`  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
  };
  for (const { step, columns } of steps) add(step, columns);
  for (const [table, rows] of Object.entries(tables)) for (const row of rows) add(table, row);
  if (cluster.length > 0) lines.push('duplicates');
  for (const member of cluster) lines.push(`  ${spellMember(member)}`);
  for (const shard of shards)
    add(`shard ${shard.folder}${shard.file}`, {
      split: shard.split,
      row: shard.row,
      firstToken: shard.firstToken,
      tokens: shard.tokens,
    });
  if (shards.length === 0) lines.push('in no shard');
  if (trained) add(`training run ${trained.run}`, { steps: trained.steps, of: trained.of });
  return `${lines.join('\n')}\n`;
}

/** @example '0.913 alike, kept: posts/all.jsonl/p7 (0a1b…)' */
function spellMember({
  id,
  place,
  similarity,
  containment,
  kept,
  witness,
}: Explanation['cluster'][number]): string {
  const measures = [
    similarity === undefined ? undefined : `${similarity.toFixed(3)} alike`,
    containment === undefined ? undefined : `${containment.toFixed(3)} contained`,
  ].filter((measure) => measure !== undefined);
  const likeness = measures.length > 0 ? measures.join(', ') : 'joined through others';
  const outcome = kept ? 'kept' : witness === undefined ? 'dropped' : `removed in favour of ${witness}`;
  return `${likeness}, ${outcome}: ${place} (${id})`;
}
