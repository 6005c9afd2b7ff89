// The post-processors of a tokenizer.json: the special tokens that they set around a text, such as [CLS] and [SEP].

import { readComponent, readComponents, type Component } from '../json-component.ts';
import { damaged, unsupported } from '../refusal.ts';

/** Ids before and after the ids of a text. */
export interface Surroundings {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const none: Surroundings = { before: [], after: [] };

/** DataError `unsupported-tokenizer` names what is not read. */
export function readPostProcessor(value: unknown): Surroundings {
  if (value === null || value === undefined) return none;
  return readOne(readComponent(value));
}

function readOne(component: Component): Surroundings {
  const { type } = component;
  if (type === 'ByteLevel') return none;
  if (type === 'BertProcessing' || type === 'RobertaProcessing')
    return { before: [readPairId(component, 'cls')], after: [readPairId(component, 'sep')] };
  if (type === 'TemplateProcessing') return readTemplate(component);
  if (type !== 'Sequence') throw unsupported(`the post-processor ${type}`);
  return readComponents(component, 'processors')
    .map(readOne)
    .reduce(
      (inner, outer) => ({
        before: [...outer.before, ...inner.before],
        after: [...inner.after, ...outer.after],
      }),
      none,
    );
}

/** `["[SEP]", 102]` */
function readPairId(component: Component, field: string): number {
  const pair = component[field];
  if (Array.isArray(pair) && typeof pair[1] === 'number') return pair[1];
  throw damaged(`${component.type} needs ${field}, a token with its id`);
}

interface TemplateItem {
  readonly SpecialToken?: { readonly id: string };
  readonly Sequence?: object;
}

function readTemplate(component: Component): Surroundings {
  const items = component.single;
  const tokens = (component.special_tokens ?? {}) as Record<string, { ids?: number[] } | undefined>;
  if (!Array.isArray(items)) throw damaged('TemplateProcessing needs its template for a single text');
  const idsOf = ({ SpecialToken: token }: TemplateItem): readonly number[] => {
    const ids = token && Object.hasOwn(tokens, token.id) ? tokens[token.id]?.ids : undefined;
    if (ids === undefined) throw damaged('TemplateProcessing names a special token without ids');
    return ids;
  };
  const template = items as TemplateItem[];
  const at = template.findIndex((item) => item.Sequence !== undefined);
  if (at < 0 || template.findLastIndex((item) => item.Sequence !== undefined) !== at)
    throw unsupported('a template that does not hold the text once');
  return {
    before: template.slice(0, at).flatMap(idsOf),
    after: template.slice(at + 1).flatMap(idsOf),
  };
}
