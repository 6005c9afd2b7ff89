// Every style of chat template with every conversation: as transformers lays them out and as we do.
import { readChatTemplate } from '@gristmill/tokenizer';
import { runPython } from '../python/python.ts';
import { chatTemplates, conversations, tools } from './chat-templates.ts';

export interface ChatCase {
  readonly style: string;
  readonly title: string;
  readonly conversation: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** What is said is told of templates with {% generation %} alone; refusals are worded in other ways. */
export interface ChatAnswer {
  readonly text?: string;
  readonly said?: readonly string[];
  readonly refused?: boolean;
}

const optionSets = [
  {},
  { add_generation_prompt: true, enable_thinking: false },
  { tools, date_string: '1 May 2026' },
];

export function chatCases(isWanted: (one: ChatCase) => boolean = () => true): ChatCase[] {
  return Object.keys(chatTemplates)
    .flatMap((style) =>
      Object.keys(conversations).flatMap((conversation) =>
        optionSets.map((options, i) => ({
          ...{ style, conversation, options },
          title: `${style}, ${conversation}, ${i}`,
        })),
      ),
    )
    .filter(isWanted);
}

const program = `
import json, sys
from transformers.utils.chat_template_utils import render_jinja_template
answers = []
for template, messages, options in json.load(sys.stdin):
    try:
        texts, spans = render_jinja_template([messages], chat_template=template, return_assistant_tokens_mask=True,
            bos_token='<s>', eos_token='</s>', **options)
        answers.append({'text': texts[0], 'said': [texts[0][a:b] for a, b in spans[0]]})
    except Exception:
        answers.append({'refused': True})
json.dump(answers, sys.stdout)
`;

export function askTransformers(python: string, cases: readonly ChatCase[]): ChatAnswer[] {
  const asked = cases.map(({ style, conversation, options }) => [
    chatTemplates[style],
    conversations[conversation],
    options,
  ]);
  return JSON.parse(runPython(python, program, [], JSON.stringify(asked))) as ChatAnswer[];
}

const opened = new Map<string, ReturnType<typeof readChatTemplate>>();

function open(style: string): ReturnType<typeof readChatTemplate> {
  const config = { chat_template: chatTemplates[style]!, bos_token: '<s>', eos_token: '</s>' };
  const template = opened.get(style) ?? readChatTemplate(config);
  opened.set(style, template);
  return template;
}

export function layOut({ style, conversation, options }: ChatCase): ChatAnswer {
  const { add_generation_prompt: isPrompted = false, ...variables } = options;
  const isMarked = chatTemplates[style]!.includes('endgeneration');
  try {
    const rendered = open(style).render(conversations[conversation]!, {
      addGenerationPrompt: isPrompted === true,
      variables,
    });
    const spans = isMarked ? rendered.assistantSpans : [];
    return { text: rendered.text, said: spans.map(([from, to]) => rendered.text.slice(from, to)) };
  } catch {
    return { refused: true };
  }
}
