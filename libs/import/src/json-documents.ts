// Documents in JSON, JSON lines or CSV: one for each member of an array, line or row, or the whole file as one. Which
// field holds what is told by options.

import {
  documentId,
  type Json,
  type Metadata,
  type OptionSchema,
  type OptionsOf,
  type RawItem,
} from '@gristmill/core';
import type { ImportFile, Importer } from '@gristmill/corpus';
import { canonicalUrl, renderTurns, type Message } from '@gristmill/text';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
} from './import-item.ts';
import { readJsonFile, type JsonMember } from './json-values.ts';
import { firstText, pointTo, sectionsText } from './json-fields.ts';

const pointers = 'A JSON Pointer or a list of them, of which the first that leads somewhere counts';

const jsonOptions = {
  textField: {
    type: 'strings',
    otherwise: 'no text: give it, or sections or messagesField',
    description:
      'Name of the field, or JSON Pointer (`/a/b`), that holds the text; several are joined with an empty line.',
  },
  idField: {
    type: 'strings',
    otherwise: 'the position in the file',
    description: `Names the document. ${pointers}.`,
  },
  titleField: { type: 'strings', description: `${pointers}.` },
  authorField: { type: 'strings', description: `${pointers}.` },
  dateField: { type: 'strings', description: `${pointers}.` },
  languageField: { type: 'strings', description: `${pointers}.` },
  urlField: {
    type: 'strings',
    description: `The document's address, for \`urlStage\` and duplicates of one address. ${pointers}.`,
  },
  groupField: {
    type: 'strings',
    description: `Documents of one value are a group, which a split never divides. ${pointers}.`,
  },
  format: {
    type: 'string',
    values: ['json', 'jsonl', 'csv'],
    otherwise: "by the name's ending",
    description: 'How the file is written.',
  },
  items: {
    type: 'string',
    otherwise: 'the value itself',
    description: 'JSON Pointer to the array whose members are documents.',
  },
  whole: { type: 'boolean', otherwise: 'false', description: 'The whole file is one document.' },
  sections: {
    type: 'boolean',
    otherwise: 'false',
    description: "Make an article of an object's keys (headings) and strings (paragraphs).",
  },
  html: { type: 'boolean', otherwise: 'false', description: 'The texts are HTML.' },
  messagesField: {
    type: 'string',
    description: 'JSON Pointer to the turns of a conversation, `[{role, content}]`, which become the text.',
  },
  delimiter: {
    type: 'string',
    otherwise: 'comma or tab, by the ending',
    description: 'Between the columns of CSV.',
  },
  ...defaultsOptions,
} as const satisfies OptionSchema;

type Fields = OptionsOf<typeof jsonOptions>;

/** @example options: { textField: 'text' } for `[{"text": "…"}]`; { whole: true, sections: true } for an article a file */
export const jsonDocumentsImporter: Importer = {
  name: 'json-documents',
  version: 3,
  description:
    'JSON, JSON lines, CSV and TSV: a document for each member, line or row, or for the whole file.',
  options: jsonOptions,
  check: (options) => checkOptions('json-documents', options, jsonOptions),
  async *items(file) {
    const fields = file.options as Fields;
    const ids = listOf(fields.idField);
    // Positions are distinct by themselves.
    const nameOf = ids.length > 0 ? createNamer() : (name: string) => name;
    let index = 0;
    for await (const { value, reason } of readJsonFile(file, fields)) {
      if (reason !== undefined && reason !== 'bad-member') {
        yield createVerdict(file, reason, { mediaType: 'application/json' });
      } else if (fields.whole) {
        yield toItem(file, fields, value ?? null, undefined);
      } else {
        const item = nameOf((value === undefined ? undefined : firstText(value, ids)) ?? String(index));
        yield memberItem(file, fields, { value, reason }, item);
        index++;
      }
    }
  },
};

function memberItem(file: ImportFile, fields: Fields, { value }: JsonMember, item: string): RawItem {
  return value === undefined ? createVerdict(file, 'bad-json', { item }) : toItem(file, fields, value, item);
}

function listOf(pointers: string | readonly string[] | undefined): readonly string[] {
  return typeof pointers === 'string' ? [pointers] : (pointers ?? []);
}

function toItem(file: ImportFile, fields: Fields, value: Json, item: string | undefined): RawItem {
  const text = textOf(fields, value);
  const mediaType = fields.html ? 'text/html' : 'text/plain';
  const metadata = readMetadata(file, fields, value);
  const group = firstText(value, listOf(fields.groupField));
  const named = {
    ...(item !== undefined && { item }),
    ...(group !== undefined && { group: documentId({ name: file.source.name, path: 'group', item: group }) }),
    ...(metadata.canonicalUrl !== undefined && { url: canonicalUrl(metadata.canonicalUrl) }),
    metadata,
  };
  if (text === undefined) return createVerdict(file, 'bad-messages', { ...named, mediaType });
  if (text.trim() === '') return createVerdict(file, 'empty', { ...named, mediaType });
  return createItem(file, { ...named, bytes: new TextEncoder().encode(text), mediaType, charset: 'utf-8' });
}

/** Undefined when it should be a conversation and is none. */
function textOf(fields: Fields, value: Json): string | undefined {
  if (fields.messagesField !== undefined) return conversationText(pointTo(value, fields.messagesField));
  if (fields.sections) {
    const isWithin = fields.items !== undefined && fields.whole;
    return sectionsText(isWithin ? (pointTo(value, fields.items) ?? null) : value);
  }
  const parts = listOf(fields.textField).map((pointer) => pointTo(value, pointer));
  return parts.filter((part) => typeof part === 'string' && part.trim() !== '').join('\n\n');
}

function conversationText(messages: Json | undefined): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  const isMessage = (message: unknown): message is Message => {
    const { role, content } = (message ?? {}) as Partial<Message>;
    return typeof role === 'string' && typeof content === 'string';
  };
  return messages.every(isMessage) ? renderTurns(messages) : undefined;
}

function readMetadata(file: ImportFile, fields: Fields, value: Json): Metadata {
  const given = {
    title: firstText(value, listOf(fields.titleField)),
    author: firstText(value, listOf(fields.authorField)),
    date: firstText(value, listOf(fields.dateField)),
    language: firstText(value, listOf(fields.languageField)),
    canonicalUrl: firstText(value, listOf(fields.urlField)),
  };
  const found = Object.fromEntries(Object.entries(given).filter(([, member]) => member !== undefined));
  return { ...defaultsOf(file.options), ...found };
}
