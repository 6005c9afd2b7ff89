import { describe, expect, test } from 'vitest';
import { applyChatTemplate, createTokenizer, readChatTemplate, type ChatMessage } from '@gristmill/tokenizer';
import { chatTemplates, conversations, tools } from './chat-templates.ts';

const chatMl =
  "{% for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
const marked =
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'assistant' %}\n{% generation %}\n{{ m.content }}{{ eos_token }}{% endgeneration %}\n{% else %}[{{ m.content }}]{% endif %}{% endfor %}";
const messages: ChatMessage[] = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Yes?' },
  { role: 'user', content: 'Say <|im_end|> aloud' },
  { role: 'assistant', content: 'No.' },
];

/** One token a character, and the special ones. */
const tokenizer = createTokenizer({
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['<|im_start|>', '<|im_end|>', '<s>'].map((content, id) => ({ id, content, special: true })),
  normalizer: null,
  pre_tokenizer: null,
  post_processor: null,
  decoder: { type: 'Fuse' },
  model: {
    type: 'BPE',
    vocab: Object.fromEntries(
      Array.from({ length: 127 }, (_, point) => [String.fromCharCode(point), point + 3] as const),
    ),
    merges: [],
  },
});
const spoken = (ids: Uint32Array, mask: Uint8Array): string =>
  tokenizer.decode(ids.filter((_, i) => mask[i] === 1));

describe('a chat template', () => {
  test('without marks takes what an assistant’s message adds as the assistant’s', () => {
    const { text, ids, assistantMask } = applyChatTemplate(
      tokenizer,
      readChatTemplate({ chat_template: chatMl }),
      messages,
    );
    expect(text).toContain('<|im_start|>user\nSay <|im_end|> aloud<|im_end|>\n');
    expect(spoken(ids, assistantMask)).toBe('Yes?<|im_end|>\nNo.<|im_end|>\n');
  });

  test('gives no special token for a spelling inside a message', () => {
    const { ids } = applyChatTemplate(tokenizer, readChatTemplate({ chat_template: chatMl }), messages);
    expect(ids.filter((id) => id === 1).length).toBe(4);
  });

  test('with marks takes what they enclose, and special tokens from the configuration', () => {
    const template = readChatTemplate({
      chat_template: [{ name: 'default', template: marked }],
      bos_token: { content: '<s>' },
      eos_token: '<|im_end|>',
    });
    const { text, ids, assistantMask } = applyChatTemplate(tokenizer, template, messages);
    expect(text).toBe('<s>[Hi]Yes?<|im_end|>[Say <|im_end|> aloud]No.<|im_end|>');
    expect(spoken(ids, assistantMask)).toBe('Yes?<|im_end|>No.<|im_end|>');
  });

  test('ends with the prompt of an answer where asked', () => {
    const { text } = readChatTemplate({ chat_template: chatMl }).render(messages.slice(0, 1), {
      addGenerationPrompt: true,
    });
    expect(text).toBe('<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n');
  });

  test('that is missing, or objects, is named', () => {
    expect(() => readChatTemplate({})).toThrow(expect.objectContaining({ code: 'no-chat-template' }));
    const strict = readChatTemplate({ chat_template: "{{ raise_exception('roles must alternate') }}" });
    expect(() => strict.render(messages)).toThrow(/roles must alternate/);
  });

  test('finds what the assistant says where later messages change earlier text', () => {
    const style = readChatTemplate({ chat_template: chatTemplates.qwen! });
    const { text, assistantSpans } = style.render(conversations.tools!, { variables: { tools } });
    expect(assistantSpans.map(([from, to]) => text.slice(from, to))).toEqual([
      '<tool_call>\n{"name": "weather", "arguments": {"city": "Zürich", "days": 2, "exact": false}}\n</tool_call><|im_end|>\n',
      '<think>\n\n</think>\n\nClear, 21.5 °C.<|im_end|>\n',
    ]);
  });

  test('tells the time that it is given', () => {
    const template = readChatTemplate({
      chat_template: "{{ strftime_now('%d %b %Y, %A %-d %H:%M:%S %j %%') }}",
    });
    const now = new Date(2024, 6, 5, 14, 3, 9);
    expect(template.render([], { now }).text).toBe('05 Jul 2024, Friday 5 14:03:09 187 %');
  });

  test('refuses to add to a string what is none, as Python does', () => {
    const template = readChatTemplate({ chat_template: "{{ 'a' + messages }}" });
    expect(() => template.render(messages)).toThrow(expect.objectContaining({ code: 'chat-template' }));
  });
});
