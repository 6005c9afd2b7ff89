// What a recipe may name, gathered from the code that is installed: every importer, crawler and stage with the schema of its
// options, the policies with their thresholds, the fields of a recipe and the settings of a training run.

import { exitCode, type OptionSchema } from '@gristmill/core';
import { recipeJsonSchema } from '@gristmill/corpus';
import { policies, type Policy } from '@gristmill/detect';
import { dataSchema, modelSchema, settingSchema } from '@gristmill/trainer';

export const chapterNames = ['importers', 'stages', 'policies', 'recipe', 'settings', 'errors'] as const;
export type ChapterName = (typeof chapterNames)[number];

export interface Entry {
  readonly chapter: ChapterName;
  /** What a recipe writes: the export, the policy, the code. */
  readonly name: string;
  /** Further names by which people ask for it. */
  readonly aliases: readonly string[];
  readonly description: string;
  /** Facts before the options: module, what it reads and writes. */
  readonly facts: readonly string[];
  readonly options?: OptionSchema;
  /** Lines after the options: rules of a policy. */
  readonly lines?: readonly string[];
}

export interface ErrorCode {
  readonly code: string;
  /** Messages and hints as the code has them, `…` for what differs. */
  readonly says: readonly (readonly [message: string, hint: string])[];
}

const modules = ['import', 'crawl', 'extract', 'clean', 'annotate', 'dedup', 'select', 'pack'].map(
  (name) => `@gristmill/${name}`,
);

export async function collectEntries(codes: readonly ErrorCode[]): Promise<Entry[]> {
  const code: Entry[] = [];
  for (const module of modules) code.push(...(await moduleEntries(module)));
  return [
    ...code,
    ...Object.values(policies).map(policyEntry),
    ...recipeEntries(),
    settingsEntry(
      'settings',
      settingSchema,
      'Of a run: `--set NAME=VALUE`, a preset or the file of `--config`.',
    ),
    settingsEntry('model', modelSchema, 'Fields of the model that a run may set, whatever its preset says.'),
    settingsEntry('data', dataSchema, 'How a run reads its shards.'),
    exitCodeEntry,
    ...codes.map(errorEntry),
  ];
}

/** What a module exports that a recipe can name. */
export async function moduleEntries(module: string, location = module): Promise<Entry[]> {
  const exported = (await import(location)) as Record<string, unknown>;
  return Object.entries(exported)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => entryOf(module, name, value) ?? []);
}

interface Described {
  readonly name: string;
  readonly description?: string;
  readonly options?: OptionSchema;
  readonly where?: OptionSchema;
  readonly reads?: readonly string[];
  readonly columns?: readonly { readonly name: string }[];
}

const kindMarks = [
  ['crawler', 'refresh'],
  ['importer', 'items'],
  ['row-wise stage', 'create'],
  ['stage over all documents', 'phases'],
  ['stage that pins', 'train'],
] as const;

function entryOf(module: string, name: string, value: unknown): Entry | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const kind = kindMarks.find(([, mark]) => mark in value)?.[0];
  if (kind === undefined) return undefined;
  const { name: own, description = '', options, where, reads, columns } = value as Described;
  const names = (list: readonly string[]) => list.map((item) => `\`${item}\``).join(', ');
  return {
    chapter: kind === 'importer' || kind === 'crawler' ? 'importers' : 'stages',
    name,
    aliases: [own],
    description,
    facts: [
      `${kind} of \`${module}\``,
      ...(reads ? [`reads ${names(reads)}`] : []),
      ...(columns ? [`writes ${names(columns.map((column) => column.name))}`] : []),
    ],
    options: where
      ? {
          ...options,
          ...Object.fromEntries(Object.entries(where).map(([key, spec]) => [`where.${key}`, spec])),
        }
      : options,
  };
}

function policyEntry({ name, source, rules }: Policy): Entry {
  return {
    chapter: 'policies',
    name,
    aliases: [],
    description: source ?? '',
    facts: [`\`select.policies\`: ["${name}"]; a threshold: \`select.${name}.${rules.at(-1)!.name}\``],
    lines: rules.map(
      (rule) =>
        `- \`${rule.name}\` (${JSON.stringify(rule.value)}): drops when \`${rule.signal}\` ${rule.op} it, reason \`${rule.reason}\``,
    ),
  };
}

function settingsEntry(name: string, options: OptionSchema, description: string): Entry {
  return { chapter: 'settings', name, aliases: [], description, facts: [], options };
}

const exitCodeEntry: Entry = {
  chapter: 'errors',
  name: 'exit codes',
  aliases: ['exit', 'exitCode'],
  description: 'Of every program.',
  facts: [],
  lines: Object.entries(exitCode).map(([name, code]) => `- ${code}: ${name}`),
};

function errorEntry({ code, says }: ErrorCode): Entry {
  return {
    chapter: 'errors',
    name: code,
    aliases: [],
    description: '',
    facts: [],
    lines: says.map(([message, hint]) => (hint === '' ? `- ${message}` : `- ${message}. Hint: ${hint}`)),
  };
}

/** Objects of the recipe's JSON Schema, each as its fields. */
function recipeEntries(): Entry[] {
  const recipe = recipeJsonSchema() as unknown as Fields;
  const { sources, steps } = recipe.properties!;
  return [
    fieldsEntry('recipe', recipe, 'The default export of a recipe.'),
    fieldsEntry('source', sources.items!, 'A member of `sources`; it has `import` or `crawl`.'),
    fieldsEntry('step', steps.items!, 'A member of `steps`.'),
  ];
}

interface Fields {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Fields>>;
  readonly required?: readonly string[];
  readonly items?: Fields;
}

function fieldsEntry(name: string, fields: Fields, description: string): Entry {
  const lines = Object.entries(fields.properties ?? {}).map(([field, spec]) => {
    const type = spec.enum ? spec.enum.join(' or ') : (spec.type ?? 'a JSON value');
    const isRequired = fields.required?.includes(field) === true;
    const state = isRequired
      ? 'required'
      : spec.default === undefined
        ? 'optional'
        : `default ${JSON.stringify(spec.default)}`;
    const inside = spec.properties ? ` Its fields: ${Object.keys(spec.properties).join(', ')}.` : '';
    return `- \`${field}\` (${type}; ${state}): ${spec.description ?? ''}${inside}`;
  });
  return { chapter: 'recipe', name, aliases: [], description, facts: [], lines };
}
