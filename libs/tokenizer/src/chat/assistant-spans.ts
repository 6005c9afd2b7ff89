// Where the assistant speaks in a chat that was laid out by a template without {% generation %}. What an assistant's
// message adds to the text so far is the assistant's. Where later messages change earlier text, as where a template drops
// old reasoning, the strings of the message are laid out once more with marks around them.

import { DataError } from '@gristmill/core';
import type { ChatMessage } from './chat-template.ts';

/** Lays messages out, with what comes ahead of an answer where `isPrompt`. */
export type WriteChat = (messages: readonly ChatMessage[], isPrompt: boolean) => string;

/** UTF-16 offsets, [start, end). */
export type Span = readonly [number, number];

// Noncharacters: no text holds them.
export const [openMark, closeMark] = ['\ufdd0', '\ufdd1'];
const marks = new RegExp(`[${openMark}${closeMark}]`, 'g');
// Strings by which a template decides rather than what it writes.
const deciding = new Set(['role', 'type', 'id', 'tool_call_id']);

/**
 * @param text the layout of all messages, perhaps with a prompt behind them
 * @throws DataError `chat-spans`
 */
export function findAssistantSpans(text: string, messages: readonly ChatMessage[], write: WriteChat): Span[] {
  const spans: Span[] = [];
  messages.forEach((message, i) => {
    if (message.role !== 'assistant') return;
    const from = spans.at(-1)?.[1] ?? 0;
    spans.push(findGrowth(text, { messages, i, write }) ?? findMarked(text, from, { messages, i, write }));
  });
  return spans;
}

interface Place {
  readonly messages: readonly ChatMessage[];
  readonly i: number;
  readonly write: WriteChat;
}

function findGrowth(text: string, { messages, i, write }: Place): Span | undefined {
  const before = write(messages.slice(0, i), true);
  const after = write(messages.slice(0, i + 1), false);
  const isGrowing = after.length > before.length && text.startsWith(before) && text.startsWith(after);
  return isGrowing ? [before.length, after.length] : undefined;
}

/** From behind the prompt of an answer, or the first mark, to the last mark and what ends a message behind it. */
function findMarked(text: string, from: number, place: Place): Span {
  const { messages, i, write } = place;
  const marked = messages.map((message, k) => (k === i ? (markStrings(message) as ChatMessage) : message));
  const written = write(marked, false);
  const first = written.search(marks);
  const words = written.replace(marks, '');
  if (first < 0 || !text.startsWith(words)) throw cannotTell();
  const last = written.lastIndexOf(closeMark);
  const end = written.slice(0, last).replace(marks, '').length;
  const tail = afterLastMark(write(marked.slice(0, i + 1), false));
  const prompt = promptAfter(messages.slice(0, i), write);
  const prompted = prompt === '' ? -1 : text.lastIndexOf(prompt, first);
  const start = prompted < from ? first : Math.min(first, prompted + prompt.length);
  return [start, text.startsWith(tail, end) ? end + tail.length : end];
}

const afterLastMark = (written: string): string => written.slice(written.lastIndexOf(closeMark) + 1);

function promptAfter(messages: readonly ChatMessage[], write: WriteChat): string {
  const without = write(messages, false);
  const prompted = write(messages, true);
  return prompted.startsWith(without) ? prompted.slice(without.length) : '';
}

/** Marks inside the white space at the ends of each string, which templates trim. */
function markStrings(value: unknown): unknown {
  if (typeof value === 'string') {
    const words = value.trim();
    return words === '' ? value : value.replace(words, () => openMark + words + closeMark);
  }
  if (Array.isArray(value)) return value.map(markStrings);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, deciding.has(name) ? item : markStrings(item)]),
  );
}

function cannotTell(): DataError {
  return new DataError(
    'chat-spans',
    'where the assistant speaks cannot be told from this chat template',
    'mark it in the template with {% generation %} and {% endgeneration %}',
  );
}
