// `gristmill dedup`: which lines are duplicates of which, by the functions of the dedup and select stages.
import { findDuplicates } from '@gristmill/dedup';
import { electSurvivors, type Candidate } from '@gristmill/select';
import { DataError } from '@gristmill/core';
import { toNfc } from '@gristmill/text';
import { InvalidArgumentError, type Command } from 'commander';
import { createLineWriter, readJsonLines } from '../json-lines.ts';

interface Flags {
  readonly threshold: number;
  readonly measure: 'jaccard' | 'containment';
  readonly out?: string;
}

export function registerDedup(program: Command): void {
  program
    .command('dedup')
    .description('Exact and near duplicates among JSON lines, with the survivor of each cluster')
    .argument('<file>', 'JSON lines {id, text, quality?}, - for standard input')
    .option('--threshold <similarity>', 'least similarity of a duplicate, 0.5 to 1', parseThreshold, 0.8)
    .option('--measure <measure>', 'jaccard or containment', parseMeasure, 'jaccard')
    .option('--out <file>', 'write there instead of standard output')
    .addHelpText('after', '\nExample:\n  gristmill dedup documents.jsonl --threshold 0.7 > clusters.jsonl\n')
    .action(runDedup);
}

function parseThreshold(value: string): number {
  const threshold = Number(value);
  if (value.trim() !== '' && threshold >= 0.5 && threshold <= 1) return threshold;
  throw new InvalidArgumentError('use a number from 0.5 to 1; less similar pairs are not looked for.');
}

function parseMeasure(value: string): string {
  if (value === 'jaccard' || value === 'containment') return value;
  throw new InvalidArgumentError('use jaccard or containment.');
}

interface Line {
  readonly id: string | number;
  readonly text: string;
  readonly quality: number;
  /** Fields that dedup does not know, kept. */
  readonly rest: Record<string, unknown>;
}

async function runDedup(file: string, { threshold, measure, out }: Flags): Promise<void> {
  const lines = await readLines(file);
  const duplicates = await findDuplicates(
    lines.map(({ text }) => text),
    { measure },
  );
  const candidates: Candidate[] = [];
  for (const [i, { id, text, quality }] of lines.entries()) {
    const form = duplicates.formOf[i];
    if (form >= 0) candidates.push({ id: String(id), form, quality, length: text.length });
  }
  const longerFirst = measure === 'containment';
  const removals = electSurvivors(candidates, duplicates.edges, { threshold, longerFirst });
  const removalOf = new Map(removals.map((removal) => [removal.id, removal]));
  const placeOf = new Map(lines.map(({ id }, i) => [String(id), i]));
  const writer = createLineWriter(out);
  try {
    for (const [i, { id, rest }] of lines.entries()) {
      const removal = removalOf.get(String(id));
      if (!removal) await writer.write({ ...rest, id, cluster: id, survivor: true, similarity: 1 });
      else {
        const witness = placeOf.get(removal.witness)!;
        const similarity = removal.similarity ?? duplicates.measure(i, witness);
        await writer.write({ ...rest, id, cluster: lines[witness].id, survivor: false, similarity });
      }
    }
  } finally {
    await writer.close();
  }
  process.stderr.write(`${lines.length} documents, ${removals.length} duplicates\n`);
}

async function readLines(file: string): Promise<Line[]> {
  const lines: Line[] = [];
  const seen = new Set<string>();
  for await (const { id, text, quality, ...rest } of readJsonLines(file)) {
    const number = lines.length + 1;
    if (typeof id !== 'string' && typeof id !== 'number') throw wrongLine(number, 'has no id');
    if (typeof text !== 'string') throw wrongLine(number, 'has no text');
    if (quality !== undefined && !Number.isInteger(quality))
      throw wrongLine(number, 'has a quality that is no integer');
    if (seen.has(String(id))) throw wrongLine(number, `repeats the id ${String(id)}`);
    seen.add(String(id));
    lines.push({ id, text: toNfc(text.toWellFormed()), quality: (quality as number | undefined) ?? 0, rest });
  }
  return lines;
}

function wrongLine(number: number, what: string): DataError {
  return new DataError(
    'wrong-line',
    `object ${number} ${what}`,
    'dedup reads {"id": "…", "text": "…", "quality": 0}, with an id for each object; quality may be absent',
  );
}
