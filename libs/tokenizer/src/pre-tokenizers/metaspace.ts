// SentencePiece's way with spaces: a visible character stands for each, and one more begins the text.

import { readBoolean, readChoice, readString, type Component } from '../json-component.ts';
import { damaged } from '../refusal.ts';

export interface Metaspace {
  readonly replacement: string;
  readonly prependScheme: 'always' | 'first' | 'never';
  spell(text: string, isFirst: boolean): string;
  /** Where the text is cut; undefined where it stays whole. */
  readonly split?: RegExp;
}

/** Of the pre-tokenizer or the decoder of that name, older spellings included. */
export function readMetaspace(component: Component): Metaspace {
  const replacement = readString(component, 'replacement', '▁');
  if (Array.from(replacement).length !== 1)
    throw damaged('the replacement of Metaspace is no single character');
  const scheme = readChoice(component, 'prepend_scheme', ['always', 'first', 'never'], 'always');
  const prependScheme = readBoolean(component, 'add_prefix_space', true) ? scheme : 'never';
  return {
    replacement,
    prependScheme,
    split: readBoolean(component, 'split', true) ? readLiteral(replacement) : undefined,
    spell(text, isFirst) {
      const spelled = text.replaceAll(' ', () => replacement);
      const isPrepended = prependScheme === 'always' || (prependScheme === 'first' && isFirst);
      return isPrepended && !spelled.startsWith(replacement) ? replacement + spelled : spelled;
    },
  };
}

function readLiteral(character: string): RegExp {
  return new RegExp(`\\u{${character.codePointAt(0)!.toString(16)}}`, 'gu');
}
