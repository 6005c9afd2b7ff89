// The facts that stand above a text in Markdown: YAML between two lines of dashes, TOML between plus signs (only its end
// is looked for).

import { parse } from 'yaml';
import type { ExtractedText } from './extract-document.ts';

type Facts = Omit<ExtractedText, 'text'>;

const longest = 20_000;

/** Body without the front matter; a document that merely begins with a rule keeps all of it. */
export function readFrontMatter(text: string): { readonly body: string; readonly facts: Facts } {
  const toml = /^\+\+\+[ \t]*\n[\s\S]{0,20000}?\n\+\+\+[ \t]*(?:\n|$)/.exec(text);
  if (toml) return { body: text.slice(toml[0].length), facts: {} };
  const match = /^---[ \t]*\n([\s\S]{0,20000}?)(?:\n|^)(?:---|\.\.\.)[ \t]*(?:\n|$)/.exec(
    text.slice(0, longest + 100),
  );
  const fields = match && readFields(match[1]);
  if (!fields) return { body: text, facts: {} };
  return { body: text.slice(match[0].length), facts: factsOf(fields) };
}

/** Undefined for what is no mapping: a text between two rules. */
function readFields(yaml: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parse(yaml, {
      maxAliasCount: 50,
      logLevel: 'silent',
      prettyErrors: false,
      schema: 'core',
    });
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => [key.toLowerCase(), field as unknown]),
    );
  } catch {
    // Templates with signs of their own (Jekyll, Hugo) are front matter all the same.
    return /^[A-Za-z][\w-]*:(?:\s|$)/.test(yaml) ? readLines(yaml) : undefined;
  }
}

function readLines(yaml: string): Record<string, string> {
  const pairs = [...yaml.matchAll(/^([a-z][\w-]*):[ \t]+(\S.*?)[ \t]*$/gim)];
  return Object.fromEntries(
    pairs.map(([, key, value]) => [key.toLowerCase(), value.replace(/^(["'])(.*)\1$/, '$2')]),
  );
}

function factsOf(fields: Readonly<Record<string, unknown>>): Facts {
  const first = (...names: string[]): string | undefined =>
    names.map((name) => wordsOf(fields[name])).find((value) => value !== undefined);
  const date = first('date', 'published', 'created');
  const facts = {
    title: first('title'),
    author: first('author', 'authors', 'creator'),
    date: /^\d{4}(?:-\d\d(?:-\d\d)?)?(?!\d)/.exec(date ?? '')?.[0],
    language: first('lang', 'language'),
    licence: first('license', 'licence', 'rights'),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}

/** Words, a list of them, or what has a name. */
function wordsOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.replace(/\s+/g, ' ').trim() || undefined;
  if (typeof value === 'number') return String(value);
  if (value === null || typeof value !== 'object') return undefined;
  const words = Array.isArray(value)
    ? value.map(wordsOf).filter(Boolean).join('; ')
    : wordsOf((value as { name?: unknown }).name);
  return words || undefined;
}
