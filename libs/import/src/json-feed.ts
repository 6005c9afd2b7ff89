// JSON Feed 1 and 1.1 (jsonfeed.org): the same as a feed in XML.

import type { Json, JsonObject } from '@gristmill/core';
import type { Feed, FeedEntry } from './feed.ts';
import { digitsOf, parseJson } from './json-parse.ts';

/** A text that begins so is one. */
export const jsonFeedSign = /"version"\s*:\s*"https?:\\?\/\\?\/jsonfeed\.org\\?\/version/;

/** Undefined when the text holds none. */
export function parseJsonFeed(text: string): Feed | undefined {
  const feed = objectOf(jsonFeedSign.test(text) ? parseJson(text) : undefined);
  if (!feed || !Array.isArray(feed['items'])) return undefined;
  const title = textOf(feed['title']);
  const language = textOf(feed['language']);
  return {
    ...(title !== undefined && { title }),
    ...(language !== undefined && { language }),
    entries: feed['items'].flatMap((item) => entryOf(objectOf(item)) ?? []),
  };
}

function entryOf(item: JsonObject | undefined): FeedEntry | undefined {
  if (!item) return undefined;
  const html = textOf(item['content_html']);
  const link = textOf(item['url']) ?? textOf(item['external_url']);
  const authors = [item['author'], ...(Array.isArray(item['authors']) ? item['authors'] : [])];
  const given = {
    id: textOf(item['id']) ?? link,
    title: textOf(item['title']),
    link,
    author: authors.flatMap((author) => textOf(objectOf(author)?.['name']) ?? []).join('; ') || undefined,
    date: textOf(item['date_published']) ?? textOf(item['date_modified']),
    language: textOf(item['language']),
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    content: html ?? textOf(item['content_text']) ?? textOf(item['summary']) ?? '',
    isPlain: html === undefined,
  };
}

function objectOf(value: Json | undefined): JsonObject | undefined {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? (value.trim() === '' ? undefined : value) : digitsOf(value);
}
