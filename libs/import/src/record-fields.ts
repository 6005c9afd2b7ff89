// Which field of a record holds what, and the records' items. Fields are named by options; where a source names none for
// its text, the names that data sets use are tried.

import {
  documentId,
  type Json,
  type JsonObject,
  type Metadata,
  type OptionSchema,
  type OptionsOf,
  type RawItem,
} from '@gristmill/core';
import { canonicalUrl, renderTurns, type Message } from '@gristmill/text';
import { createItem, createVerdict, defaultsOf, defaultsOptions, type Place } from './import-item.ts';
import { firstText, pointTo, sectionsText } from './json-fields.ts';

type Pointers = string | readonly string[];

const pointersMeaning = 'A JSON Pointer or a list of them, of which the first that leads somewhere counts';

export const recordOptions = {
  textField: {
    type: 'strings',
    otherwise: 'the usual names (text, content, body …), then messages',
    description:
      'Name of the field, or JSON Pointer (`/a/b`), that holds the text; several are joined with an empty line.',
  },
  idField: {
    type: 'strings',
    otherwise: 'the position in the file; without a textField the usual names (id, uuid …)',
    description: `Names the document. ${pointersMeaning}.`,
  },
  titleField: { type: 'strings', description: `${pointersMeaning}.` },
  authorField: { type: 'strings', description: `${pointersMeaning}.` },
  dateField: { type: 'strings', description: `${pointersMeaning}.` },
  languageField: { type: 'strings', description: `${pointersMeaning}.` },
  urlField: {
    type: 'strings',
    description: `The document's address, for \`urlStage\` and duplicates of one address. ${pointersMeaning}.`,
  },
  groupField: {
    type: 'strings',
    description: `Documents of one value are a group, which a split never divides. ${pointersMeaning}.`,
  },
  format: {
    type: 'string',
    values: ['json', 'jsonl', 'csv'],
    otherwise: 'by content, then by the ending',
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
    otherwise: 'by the ending, then what the first line holds most of',
    description: 'Between the columns of CSV.',
  },
  ...defaultsOptions,
} as const satisfies OptionSchema;

export type Fields = OptionsOf<typeof recordOptions>;

/** What data sets call their fields; the first that a record has counts. */
export const usualFields = {
  text: [
    'text',
    'content',
    'body',
    'raw_content',
    'article',
    'document',
    'story',
    'markdown',
    'html',
    'text_content',
  ],
  messages: ['messages', 'conversations', 'conversation'],
  id: ['id', '_id', 'uuid', 'guid', 'doc_id', 'docid'],
  title: ['title', 'headline', 'name'],
  author: ['author', 'creator', 'by', 'username'],
  date: ['date', 'published', 'date_published', 'published_at', 'created_at', 'created', 'timestamp'],
  language: ['language', 'lang'],
  url: ['url', 'link', 'canonical_url', 'source_url'],
} as const;

export function listOf(pointers: Pointers | undefined): readonly string[] {
  return typeof pointers === 'string' ? [pointers] : (pointers ?? []);
}

/** Names at the top level that the fields lead to: the columns that are read of a table; undefined = all. */
export function wantedColumns(fields: Fields): string[] | undefined {
  if (fields.sections || isUsual(fields)) return undefined;
  const pointers = Object.entries(fields).flatMap(([name, value]) =>
    name.endsWith('Field') ? listOf(value as Pointers) : [],
  );
  const names = pointers.map((pointer) => pointer.replace(/^\//, '').split('/')[0]);
  return names.includes('')
    ? undefined
    : names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** No option says where the text is. */
export function isUsual(fields: Fields): boolean {
  return fields.textField === undefined && fields.messagesField === undefined && !fields.sections;
}

/** The options, or where they name no text the fields that this record has by their usual names. */
export function fieldsOf(fields: Fields, value: Json): Fields {
  if (!isUsual(fields) || value === null || typeof value !== 'object') return fields;
  const isText = (name: string): boolean => typeof pointTo(value, `/${name}`) === 'string';
  const text = usualFields.text.find((name) => isText(name) && firstText(value, [`/${name}`]) !== undefined);
  const messages = usualFields.messages.find((name) => Array.isArray(pointTo(value, `/${name}`)));
  const pointers = (names: readonly string[]): string[] => names.map((name) => `/${name}`);
  return {
    idField: pointers(usualFields.id),
    titleField: pointers(usualFields.title),
    authorField: pointers(usualFields.author),
    dateField: pointers(usualFields.date),
    languageField: pointers(usualFields.language),
    urlField: pointers(usualFields.url),
    ...fields,
    ...(text !== undefined
      ? { textField: `/${text}` }
      : messages !== undefined && { messagesField: `/${messages}` }),
    ...(text === 'html' && { html: true }),
  };
}

/** @param item name of the record; undefined when the file is the record */
export function recordItem(place: Place, fields: Fields, value: Json, item: string | undefined): RawItem {
  const text = textOf(fields, value);
  const mediaType = fields.html ? 'text/html' : 'text/plain';
  const metadata = readMetadata(place, fields, value);
  const group = firstText(value, listOf(fields.groupField));
  const named = {
    ...(item !== undefined && { item }),
    ...(group !== undefined && {
      group: documentId({ name: place.source.name, path: 'group', item: group }),
    }),
    ...(metadata.canonicalUrl !== undefined && { url: canonicalUrl(metadata.canonicalUrl) }),
    metadata,
  };
  if (text === undefined) return createVerdict(place, 'bad-messages', { ...named, mediaType });
  if (text.trim() === '') {
    return createVerdict(place, 'empty', { ...named, mediaType, detail: missingText(fields, value) });
  }
  return createItem(place, { ...named, bytes: new TextEncoder().encode(text), mediaType, charset: 'utf-8' });
}

const mostNames = 12;

/** Which fields there are where the text was looked for in vain; undefined when its field is there and empty. */
function missingText(fields: Fields, value: Json): string | undefined {
  const isThere = listOf(fields.textField).some((pointer) => pointTo(value, pointer) !== undefined);
  if (isThere || value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  const names = Object.keys(value as JsonObject);
  return `fields: ${names.slice(0, mostNames).join(', ')}${names.length > mostNames ? ', …' : ''}`;
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

/** `{from, value}` is what ShareGPT calls `{role, content}`. */
function conversationText(messages: Json | undefined): string | undefined {
  if (!Array.isArray(messages)) return undefined;
  const turns = messages.map((message) => {
    const { role, content, from, value } = (message ?? {}) as Record<string, unknown>;
    return { role: role ?? from, content: content ?? value };
  });
  const isMessage = (turn: { role: unknown; content: unknown }): turn is Message =>
    typeof turn.role === 'string' && typeof turn.content === 'string';
  return turns.every(isMessage) ? renderTurns(turns) : undefined;
}

function readMetadata(place: Place, fields: Fields, value: Json): Metadata {
  const given = {
    title: firstText(value, listOf(fields.titleField)),
    author: firstText(value, listOf(fields.authorField)),
    date: firstText(value, listOf(fields.dateField)),
    language: firstText(value, listOf(fields.languageField)),
    canonicalUrl: firstText(value, listOf(fields.urlField)),
  };
  const found = Object.fromEntries(Object.entries(given).filter(([, member]) => member !== undefined));
  return { ...defaultsOf(place.options), ...found };
}
