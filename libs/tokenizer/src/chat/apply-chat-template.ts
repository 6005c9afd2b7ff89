// A conversation as ids, with a mask over the assistant's: training on chats takes loss on answers only. The spelling of
// a special token inside a message is ordinary text; only the template's own become special tokens.

import type { FileTokenizer } from '../create-tokenizer.ts';
import type { ChatMessage, ChatOptions, ChatTemplate } from './chat-template.ts';

export interface ChatTokens {
  readonly text: string;
  readonly ids: Uint32Array;
  /** 1 for each id that the assistant says. */
  readonly assistantMask: Uint8Array;
}

// A noncharacter, set inside spellings while the template works.
const guard = '\ufdd2';

/**
 * @param tokenizer of a tokenizer.json, which belongs to the template
 * @throws DataError `chat-template`, `chat-spans`
 */
export function applyChatTemplate(
  tokenizer: FileTokenizer,
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): ChatTokens {
  const special = [...tokenizer.specialTokens.keys()];
  const guarded = messages.map((message) => guardSpellings(message, special) as ChatMessage);
  const rendered = template.render(guarded, options);
  const { text, ordinary, place } = removeGuards(rendered.text);
  const isSpecial = (start: number): boolean => !ordinary.has(start);
  const ids = tokenizer.encodeWhere(text, isSpecial);
  const assistantMask = new Uint8Array(ids.length);
  for (const [from, to] of rendered.assistantSpans) {
    if (to <= from) continue;
    const first = countBefore(tokenizer, text.slice(0, place(from)), { ids, isSpecial });
    const last = countBefore(tokenizer, text.slice(0, place(to)), { ids, isSpecial });
    assistantMask.fill(1, first.ids, last.isCut ? last.ids + 1 : last.ids);
  }
  return { text, ids, assistantMask };
}

/** Every string inside a message, with a guard after the first unit of each spelling; roles are the template's own. */
function guardSpellings(value: unknown, special: readonly string[]): unknown {
  if (typeof value === 'string') {
    return special
      .filter((token) => token.length > 1 && value.includes(token))
      .reduce((text, token) => text.replaceAll(token, () => token[0] + guard + token.slice(1)), value);
  }
  if (Array.isArray(value)) return value.map((item) => guardSpellings(item, special));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, guardSpellings(item, special)]),
  );
}

interface Unguarded {
  readonly text: string;
  /** Where spellings that are ordinary text begin. */
  readonly ordinary: ReadonlySet<number>;
  /** The offset without guards of an offset with them. */
  place(offset: number): number;
}

function removeGuards(guarded: string): Unguarded {
  const places: number[] = [];
  for (let at = guarded.indexOf(guard); at >= 0; at = guarded.indexOf(guard, at + 1)) places.push(at);
  return {
    text: guarded.replaceAll(guard, ''),
    ordinary: new Set(places.map((at, i) => at - i - 1)),
    place: (offset) => offset - places.filter((at) => at < offset).length,
  };
}

/** How many ids lie before the end of a prefix, and whether the next one reaches across it. */
function countBefore(
  tokenizer: FileTokenizer,
  prefix: string,
  { ids, isSpecial }: { ids: Uint32Array; isSpecial: (start: number) => boolean },
): { ids: number; isCut: boolean } {
  const own = tokenizer.encodeWhere(prefix, isSpecial);
  let same = 0;
  while (same < own.length && own[same] === ids[same]) same++;
  return { ids: same, isCut: same < own.length };
}
