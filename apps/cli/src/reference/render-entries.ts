// Entries as text that reads well in a terminal and as Markdown: `gristmill options NAME` prints sections of docs/reference.md.

import { spellType, type OptionSchema, type OptionSpec } from '@gristmill/core';
import { chapterNames, type ChapterName, type Entry } from './collect-entries.ts';

const chapterTitles: Readonly<Record<ChapterName, string>> = {
  importers: 'Importers and crawlers',
  stages: 'Stages',
  policies: 'Policies',
  recipe: 'The recipe',
  settings: 'Settings of a training run',
  errors: 'Errors',
};

export function renderReference(entries: readonly Entry[]): string {
  const chapters = chapterNames.map(
    (chapter) =>
      `## ${chapterTitles[chapter]}\n\n${entries
        .filter((entry) => entry.chapter === chapter)
        .map((entry) => renderEntry(entry))
        .join('\n')}`,
  );
  return `# Reference\n\n${introduction}\n\n${chapters.join('\n')}`;
}

const introduction = `Everything that a recipe or a run may name, written from the code by \`npm run reference\`;
\`gristmill options\` lists the names, \`gristmill options NAME\` prints a section, \`gristmill options ./own-stage.ts\` your
own stage's. How to begin: [own-data.md](own-data.md); a stage of your own: [own-stage.md](own-stage.md).`;

export function renderEntry({ name, description, facts, options, lines = [] }: Entry): string {
  const heading = `### ${name}\n`;
  const about = [description, facts.length > 0 ? `${upperFirst(facts.join('; '))}.` : ''].filter(
    (text) => text !== '',
  );
  const list = [...(options ? optionLines(options) : []), ...lines];
  const none = options && list.length === 0 ? ['It has no options.'] : [];
  const body = [
    ...about.map((text) => `${text}\n`),
    ...(list.length > 0 ? [`${list.join('\n')}\n`] : none.map((text) => `${text}\n`)),
  ];
  return `${[heading, ...body].join('\n')}`;
}

/** One line for each name, under its chapter. */
export function renderOverview(entries: readonly Entry[]): string {
  const width = Math.max(
    ...entries.filter(({ chapter }) => chapter !== 'errors').map(({ name }) => name.length),
  );
  const chapters = chapterNames.map((chapter) => {
    const own = entries.filter((entry) => entry.chapter === chapter);
    const rows =
      chapter === 'errors'
        ? [`  ${own.length} codes: gristmill options CODE`]
        : own.map(({ name, description }) => `  ${name.padEnd(width)}  ${description.split('\n')[0]}`);
    return `${chapter}: ${chapterTitles[chapter]}\n${rows.join('\n')}\n`;
  });
  return `${chapters.join('\n')}\ngristmill options NAME tells of one, or of one of these chapters.\n`;
}

export function optionLines(options: OptionSchema, indent = ''): string[] {
  return Object.entries(options).flatMap(([name, spec]) => [
    `${indent}- \`${name}\` (${spellType(withoutMembers(spec))}; ${spellDefault(spec)}): ${spec.description}`,
    ...(spec.members ? optionLines(spec.members, `${indent}  `) : []),
  ]);
}

const withoutMembers = ({ members: _, ...spec }: OptionSpec): OptionSpec => spec;

function spellDefault({ required, default: value, otherwise }: OptionSpec): string {
  if (required) return 'required';
  if (otherwise !== undefined) return `without it: ${otherwise}`;
  return value === undefined ? 'optional' : `default ${JSON.stringify(value)}`;
}

const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
