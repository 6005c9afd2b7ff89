// The chat template of a tokenizer_config.json: Jinja that lays a conversation out as one text. What it marks as
// generation is the assistant's; a template without such marks is rendered message by message, and what an assistant's
// message adds is the assistant's.

import { DataError } from '@gristmill/core';
import { Template } from '@huggingface/jinja';

export interface ChatMessage {
  readonly role: string;
  readonly content?: unknown;
  readonly [field: string]: unknown;
}

export interface ChatOptions {
  /** Ends the text with what comes ahead of an answer. */
  readonly addGenerationPrompt?: boolean;
  /** Further variables of the template, such as `tools`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface RenderedChat {
  readonly text: string;
  /** UTF-16 offsets of the assistant's words, [start, end). */
  readonly assistantSpans: readonly (readonly [number, number])[];
}

export interface ChatTemplate {
  /** @throws DataError `chat-template` with what the template objects to */
  render(messages: readonly ChatMessage[], options?: ChatOptions): RenderedChat;
}

interface TokenizerConfig {
  readonly chat_template?: string | readonly { readonly name: string; readonly template: string }[];
  readonly [field: string]: unknown;
}

const specialNames = ['bos', 'eos', 'unk', 'sep', 'pad', 'cls', 'mask'].map((name) => `${name}_token`);
const generationTag = /^[ \t]*(\{%-?\s*(?:end)?generation\s*-?%\})|(\{%-?\s*(?:end)?generation\s*-?%\})/gm;
// Noncharacters: no text holds them.
const [open, close] = ['\ufdd0', '\ufdd1'];

/**
 * @param config a parsed tokenizer_config.json
 * @param name of one of several templates
 * @throws DataError `no-chat-template`
 */
export function readChatTemplate(config: object, name = 'default'): ChatTemplate {
  const { chat_template: templates, ...rest } = config as TokenizerConfig;
  const source =
    typeof templates === 'string'
      ? templates
      : templates?.find((template) => template.name === name)?.template;
  if (source === undefined) {
    throw new DataError(
      'no-chat-template',
      `the tokenizer's configuration has no chat template ${name}`,
      'give a tokenizer_config.json with a chat_template',
    );
  }
  const special = Object.fromEntries(
    specialNames
      .map((token) => [token, contentOf(rest[token])])
      .filter(([, content]) => content !== undefined),
  );
  return openTemplate(source, special);
}

/** A special token is its content, or an object with it. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token;
  const content = (token as { content?: unknown } | null | undefined)?.content;
  return typeof content === 'string' ? content : undefined;
}

function openTemplate(source: string, special: object): ChatTemplate {
  const isMarked = /\{%-?\s*generation\s*-?%\}/.test(source);
  const template = compile(isMarked ? markGenerations(source) : source);
  const write = (messages: readonly ChatMessage[], options: ChatOptions = {}): string => {
    const { addGenerationPrompt = false, variables = {} } = options;
    try {
      return template.render({
        ...special,
        ...variables,
        messages,
        add_generation_prompt: addGenerationPrompt,
      });
    } catch (cause) {
      throw refusal((cause as Error).message, cause);
    }
  };
  return {
    render(messages, options) {
      const written = write(messages, options);
      if (isMarked) return readMarks(written);
      return {
        text: written,
        assistantSpans: findSpans(written, messages, (part, isPrompt) =>
          write(part, { ...options, addGenerationPrompt: isPrompt }),
        ),
      };
    },
  };
}

function compile(source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw refusal((cause as Error).message, cause);
  }
}

function refusal(message: string, cause: unknown): DataError {
  return new DataError(
    'chat-template',
    `the chat template cannot lay this conversation out: ${message}`,
    'check the roles and their order, and the template',
    { cause },
  );
}

/** Writes a mark where a generation begins and ends; the line of a tag of its own is no text, as with any block. */
function markGenerations(source: string): string {
  return source.replace(
    new RegExp(`(?:${generationTag.source})\\n?`, 'gm'),
    (_, alone?: string, inline?: string) => {
      const tag = alone ?? inline ?? '';
      const mark = tag.includes('endgeneration') ? close : open;
      return `{{${tag.startsWith('{%-') ? '-' : ''} '${mark}' ${tag.endsWith('-%}') ? '-' : ''}}}`;
    },
  );
}

function readMarks(written: string): RenderedChat {
  const spans: [number, number][] = [];
  let text = '';
  let start = 0;
  for (const part of written.split(new RegExp(`([${open}${close}])`))) {
    if (part === open) start = text.length;
    else if (part === close) spans.push([start, text.length]);
    else text += part;
  }
  return { text, assistantSpans: spans };
}

type Write = (messages: readonly ChatMessage[], isPrompt: boolean) => string;

/** What each message of the assistant adds to the text so far; its content alone where earlier text changes by it. */
function findSpans(text: string, messages: readonly ChatMessage[], write: Write): [number, number][] {
  const spans: [number, number][] = [];
  let from = 0;
  messages.forEach((message, i) => {
    if (message.role !== 'assistant') return;
    const before = write(messages.slice(0, i), true);
    const after = write(messages.slice(0, i + 1), false);
    const isGrowing = after.length > before.length && text.startsWith(before) && text.startsWith(after);
    const span = isGrowing
      ? ([before.length, after.length] as [number, number])
      : findContent(text, message, from);
    spans.push(span);
    from = span[1];
  });
  return spans;
}

function findContent(text: string, { content }: ChatMessage, from: number): [number, number] {
  const words = typeof content === 'string' ? content.trim() : '';
  const at = words === '' ? -1 : text.indexOf(words, from);
  if (at >= 0) return [at, at + words.length];
  throw new DataError(
    'chat-spans',
    'where the assistant speaks cannot be told from this chat template',
    'mark it in the template with {% generation %} and {% endgeneration %}',
  );
}
