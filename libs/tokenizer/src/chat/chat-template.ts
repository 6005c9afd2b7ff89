// The chat template of a tokenizer_config.json: Jinja that lays a conversation out as one text. What it marks as
// generation is the assistant's; in a template without such marks `findAssistantSpans` looks for it.

import { DataError } from '@gristmill/core';
import { closeMark, findAssistantSpans, openMark, type Span, type WriteChat } from './assistant-spans.ts';
import { formatTime } from './format-time.ts';
import { compileJinja, type JinjaTemplate } from './jinja.ts';

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
  /** What the template's `strftime_now` tells, otherwise the clock. */
  readonly now?: Date;
}

export interface RenderedChat {
  readonly text: string;
  /**
   * UTF-16 offsets of the assistant's words, [start, end), found when asked for.
   * @throws DataError `chat-spans`
   */
  readonly assistantSpans: readonly Span[];
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
const reasoningNames = ['reasoning_content', 'thinking', 'reasoning'];
// A template finds these as none, unless they are given.
const absent = { tools: null, documents: null };
const generationTag = /^[ \t]*(\{%-?\s*(?:end)?generation\s*-?%\})|(\{%-?\s*(?:end)?generation\s*-?%\})/gm;

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

/** A message's reasoning under each name that templates read it by. */
function nameReasoning(message: ChatMessage): ChatMessage {
  const reasoning = reasoningNames.map((name) => message[name]).find((value) => value != null);
  return reasoning == null ? message : { thinking: reasoning, ...message, reasoning_content: reasoning };
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
    const { addGenerationPrompt = false, variables = {}, now = new Date() } = options;
    try {
      return template({
        ...special,
        ...absent,
        strftime_now: (format: string) => formatTime(now, format),
        ...variables,
        messages: messages.map(nameReasoning),
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
      const again: WriteChat = (part, isPrompt) => write(part, { ...options, addGenerationPrompt: isPrompt });
      return {
        text: written,
        get assistantSpans() {
          return findAssistantSpans(written, messages, again);
        },
      };
    },
  };
}

function compile(source: string): JinjaTemplate {
  try {
    return compileJinja(source);
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
      const mark = tag.includes('endgeneration') ? closeMark : openMark;
      return `{{${tag.startsWith('{%-') ? '-' : ''} '${mark}' ${tag.endsWith('-%}') ? '-' : ''}}}`;
    },
  );
}

function readMarks(written: string): RenderedChat {
  const spans: [number, number][] = [];
  let text = '';
  let start = 0;
  for (const part of written.split(new RegExp(`([${openMark}${closeMark}])`))) {
    if (part === openMark) start = text.length;
    else if (part === closeMark) spans.push([start, text.length]);
    else text += part;
  }
  return { text, assistantSpans: spans };
}
