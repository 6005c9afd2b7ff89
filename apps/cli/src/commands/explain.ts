// `gristmill explain`: one document from its source to the training steps that saw it.
import { DataError } from '@gristmill/core';
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
        if (explanation.outcome.reason === 'forgotten') throw forgottenDocument(name, explanation.outcome);
      }),
    );
}

/** What was forgotten is in no build, and a script that looks for it should hear so. */
function forgottenDocument(name: string, { detail }: Explanation['outcome']): DataError {
  return new DataError(
    'no-such-document',
    `the newest build has no document ${name}: it was forgotten`,
    `the tombstone in raw/tombstones.jsonl is ${detail}`,
  );
}

/** What became of the document comes first, then how it came about. */
export function spellExplanation(
  { id, build, place, summary, steps, tables, cluster, shards }: Explanation,
  trained?: TrainedSteps,
): string {
  if (steps.length === 0) return `${summary}\n`;
  const lines = [summary, `document ${id} in build ${build}: ${place}`];
  const add = (title: string, values: Readonly<Record<string, unknown>>) => {
    lines.push(title, ...spellValues(values));
  };
  for (const { step, columns } of untilVerdict(steps)) add(step, columns);
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

/** Later steps only repeat a verdict. */
function untilVerdict(steps: Explanation['steps']): Explanation['steps'] {
  const end = steps.findIndex(({ columns }) => columns.verdict !== undefined);
  return end < 0 ? steps : steps.slice(0, end + 1);
}

const lineWidth = 100;

/** Texts and lists on lines of their own, numbers side by side. */
function spellValues(values: Readonly<Record<string, unknown>>): string[] {
  const lines: string[] = [];
  let numbers = '';
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'number' && typeof value !== 'boolean') {
      lines.push(`  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
      continue;
    }
    const spelled = `${name} ${typeof value === 'number' ? shortNumber(value) : value}`;
    if (numbers !== '' && numbers.length + spelled.length > lineWidth) {
      lines.push(numbers);
      numbers = '';
    }
    numbers += `${numbers === '' ? '  ' : ' · '}${spelled}`;
  }
  return numbers === '' ? lines : [...lines, numbers];
}

/** @example shortNumber(0.185185) // '.185' */
function shortNumber(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return String(Number(value.toPrecision(3))).replace(/^(-?)0\./, '$1.');
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
