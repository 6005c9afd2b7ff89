// Documents in JSON, JSON lines or CSV: one for each member of an array, line or row, or the whole file as one. Which
// field holds what is told by options.

import { documentId, type Json, type Metadata, type RawItem } from '@gristmill/core';
import type { ImportFile, Importer } from '@gristmill/corpus';
import { canonicalUrl, renderTurns, type Message } from '@gristmill/text';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  defaultsOptions,
  type OptionKind,
} from './import-item.ts';
import { readJsonFile, type JsonMember } from './json-values.ts';
import { firstText, pointTo, sectionsText } from './json-fields.ts';

/**
 * Fields are JSON Pointers, or lists of them of which the first that leads somewhere counts; `text` joins all of its
 * own with an empty line. `items` leads to the array (default: the value itself); `whole` takes the file as one
 * document; `sections` makes an article of an object's keys and strings; `html` says that texts are HTML; `messages`
 * leads to the turns of a conversation, `[{role, content}]`, which become the text.
 */
interface Fields {
  readonly format?: 'json' | 'jsonl' | 'csv';
  readonly items?: string;
  readonly whole?: boolean;
  readonly sections?: boolean;
  readonly html?: boolean;
  readonly delimiter?: string;
  readonly textField?: string | readonly string[];
  readonly messagesField?: string;
  readonly idField?: string | readonly string[];
  readonly groupField?: string | readonly string[];
  readonly titleField?: string | readonly string[];
  readonly authorField?: string | readonly string[];
  readonly dateField?: string | readonly string[];
  readonly languageField?: string | readonly string[];
  readonly urlField?: string | readonly string[];
}

const optionKinds: Readonly<Record<string, OptionKind>> = {
  ...defaultsOptions,
  format: 'string',
  items: 'string',
  whole: 'boolean',
  sections: 'boolean',
  html: 'boolean',
  delimiter: 'string',
  textField: 'strings',
  messagesField: 'string',
  idField: 'strings',
  groupField: 'strings',
  titleField: 'strings',
  authorField: 'strings',
  dateField: 'strings',
  languageField: 'strings',
  urlField: 'strings',
};

/** @example options: { textField: 'text' } for `[{"text": "…"}]`; { whole: true, sections: true } for an article a file */
export const jsonDocumentsImporter: Importer = {
  name: 'json-documents',
  version: 3,
  check: (options) => checkOptions('json-documents', options, optionKinds),
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
