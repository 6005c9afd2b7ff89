import type { Command } from 'commander';
import { DataError, suggestName } from '@gristmill/core';
import { findPreset, presets } from '@gristmill/models';
import { describePreset, type ModelFacts } from '../model-list.ts';

export function registerModels(program: Command): void {
  program
    .command('models')
    .description('Lists the models that --model names: parameters, memory, tokens, published training')
    .argument('[name]', 'one of them, with its recipe; nanochat-dN for any even depth')
    .option('--json', 'as a list of objects', false)
    .addHelpText('after', '\nExample:\n  gristmill-trainer models gpt3-125m')
    .action(async (name: string | undefined, { json }: { json: boolean }) => {
      const chosen = name === undefined ? Object.entries(presets) : [[name, presetOf(name)] as const];
      const facts: ModelFacts[] = [];
      for (const [of, preset] of chosen) facts.push(await describePreset(of, preset));
      const write = json ? writeJson : name === undefined ? writeTable : writeOne;
      process.stdout.write(`${write(facts)}\n`);
    });
}

function presetOf(name: string) {
  const found = findPreset(name);
  if (found) return found;
  const names = Object.keys(presets);
  throw new DataError(
    'unknown-model',
    `there is no model ${name}`,
    suggestName(name, names, `names: ${names.join(', ')}, nanochat-dN`),
  );
}

const writeJson = (facts: readonly ModelFacts[]) => JSON.stringify(facts, undefined, 2);

const heading = ['name', 'parameters', 'tokens', 'length', 'cpu', 'xla f32', 'xla bf16', 'paper'];

/** At most 100 columns. */
export function writeTable(facts: readonly ModelFacts[]): string {
  const rows = facts.map(({ name, parameters, chinchillaTokens, sequenceLength, memory, paper }) => [
    name,
    parameters.toLocaleString('en'),
    shorten(chinchillaTokens),
    String(sequenceLength),
    ...[memory.cpu, memory.xlaF32, memory.xlaBf16].map(showBytes),
    paper.split(',')[0].replace(' et al.', ''),
  ]);
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
  const isText = (i: number) => i === 0 || i === heading.length - 1;
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (isText(i) ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('  ')
      .slice(0, 100)
      .trimEnd();
  return [
    ...[heading, ...rows].map(line),
    '',
    "Tokens by Chinchilla's rule, 20 a parameter; length of a sequence in the published training.",
    'Memory of training, a micro-batch at a time: cpu as planned (–: above 4 GiB), xla by arithmetic.',
    'With a name: its recipe. nanochat-dN is a model for any even depth N.',
  ].join('\n');
}

function writeOne([facts]: readonly ModelFacts[]): string {
  const { name, type, parameters, parametersWithHeads, vocabSize, memory, paper, recipe, training } = facts;
  const heads =
    parametersWithHeads === parameters ? '' : `, ${parametersWithHeads.toLocaleString('en')} with heads`;
  const settings = Object.entries(training).map(([key, value]) => `  ${key} ${JSON.stringify(value)}`);
  return [
    `${name}: ${type}, ${parameters.toLocaleString('en')} parameters${heads}, vocabulary ${vocabSize.toLocaleString('en')}`,
    `paper: ${paper}`,
    `recipe: ${recipe}`,
    `tokens by Chinchilla's rule: ${shorten(facts.chinchillaTokens)}`,
    `memory: cpu ${showBytes(memory.cpu)}, xla ${showBytes(memory.xlaF32)} in f32, ${showBytes(memory.xlaBf16)} in bf16`,
    'settings:',
    ...settings,
  ].join('\n');
}

function showBytes(bytes: number | null): string {
  if (bytes === null) return '–';
  const [unit, size] =
    bytes < 1e9 ? (['MB', 1e6] as const) : bytes < 1e12 ? (['GB', 1e9] as const) : (['TB', 1e12] as const);
  return `${Number((bytes / size).toPrecision(3))} ${unit}`;
}

function shorten(count: number): string {
  const [unit, size] =
    count >= 1e12 ? (['T', 1e12] as const) : count >= 1e9 ? (['B', 1e9] as const) : (['M', 1e6] as const);
  return `${Number((count / size).toPrecision(3))} ${unit}`;
}
