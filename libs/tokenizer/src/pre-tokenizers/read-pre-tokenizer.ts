// The pre-tokenizers of a tokenizer.json: they cut a normalised text into the pieces that the model sees.

import { bytesToText } from '../byte-alphabet.ts';
import {
  readBoolean,
  readChoice,
  readComponent,
  readComponents,
  readCount,
  readString,
  type Component,
} from '../json-component.ts';
import { newerCharacters, punctuation } from '../normalizers/older-unicode.ts';
import { gpt2Pattern } from '../pretokenize-pattern.ts';
import { damaged, unsupported } from '../refusal.ts';
import { readMetaspace } from './metaspace.ts';
import { splitBehaviors, splitText, type SplitBehavior } from './split-text.ts';
import { readTextPattern } from './text-pattern.ts';
import { splitScripts } from './unicode-script.ts';

/** A piece, and whether it begins where the whole text begins. */
export type EmitPiece = (piece: string, isFirst: boolean) => void;
export type PreTokenizer = (text: string, isFirst: boolean, emit: EmitPiece) => void;

const utf8 = new TextEncoder();
const space = /\p{White_Space}/gu;
const word = `[[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\u200c\\u200d]--[${newerCharacters}]]`;
const words = new RegExp(`${word}+|[^${word}\\p{White_Space}]+`, 'gv');
const mark = new RegExp(punctuation, 'gv');
const bertPieces = new RegExp(`${punctuation}|[^${punctuation}\\p{White_Space}]+`, 'gv');

const readers: Readonly<Record<string, (component: Component) => PreTokenizer>> = {
  BertPreTokenizer: () => cut(bertPieces, 'Removed', true),
  ByteLevel: readByteLevel,
  CharDelimiterSplit: (component) => {
    const delimiter = readString(component, 'delimiter');
    return cut(readTextPattern({ type: component.type, pattern: delimiter }), 'Removed');
  },
  Digits: (component) =>
    cut(/\p{N}/gu, readBoolean(component, 'individual_digits', false) ? 'Isolated' : 'Contiguous'),
  FixedLength: (component) => {
    const length = readCount(component, 'length', 5);
    if (length === 0) throw damaged('FixedLength has length 0');
    return cut(new RegExp(`.{1,${length}}`, 'gsu'), 'Isolated');
  },
  Metaspace: (component) => {
    const { spell, split } = readMetaspace(component);
    const boundary = split ? cut(split, 'MergedWithNext') : undefined;
    return (text, isFirst, emit) => {
      const spelled = spell(text, isFirst);
      if (boundary) boundary(spelled, isFirst, emit);
      else emit(spelled, isFirst);
    };
  },
  Punctuation: (component) => cut(mark, readChoice(component, 'behavior', splitBehaviors, 'Isolated')),
  Sequence: (component) =>
    readComponents(component, 'pretokenizers')
      .map(readOne)
      .reduceRight<PreTokenizer>(
        (after, before) => (text, isFirst, emit) =>
          before(text, isFirst, (piece, first) => after(piece, first, emit)),
        passOn,
      ),
  Split: (component) =>
    cut(
      readTextPattern(component),
      readChoice(component, 'behavior', splitBehaviors),
      readBoolean(component, 'invert', false),
    ),
  UnicodeScripts: () => (text, isFirst, emit) =>
    splitScripts(text, (start, end) => emit(text.slice(start, end), isFirst && start === 0)),
  Whitespace: () => cut(words, 'Removed', true),
  WhitespaceSplit: () => cut(space, 'Removed'),
};

const passOn: PreTokenizer = (text, isFirst, emit) => emit(text, isFirst);

/** DataError `unsupported-tokenizer` names what is not read. */
export function readPreTokenizer(value: unknown): PreTokenizer {
  return value === null || value === undefined ? passOn : readOne(readComponent(value));
}

function readOne(component: Component): PreTokenizer {
  if (!Object.hasOwn(readers, component.type)) throw unsupported(`the pre-tokenizer ${component.type}`);
  return readers[component.type](component);
}

function cut(pattern: RegExp, behavior: SplitBehavior, isInverted = false): PreTokenizer {
  return (text, isFirst, emit) =>
    splitText(text, { pattern, behavior, isInverted }, (start, end) =>
      emit(text.slice(start, end), isFirst && start === 0),
    );
}

function readByteLevel(component: Component): PreTokenizer {
  const hasPrefix = readBoolean(component, 'add_prefix_space', true);
  const pieces = readBoolean(component, 'use_regex', true)
    ? cut(new RegExp(gpt2Pattern, 'gu'), 'Isolated')
    : passOn;
  return (text, isFirst, emit) =>
    pieces(hasPrefix && !text.startsWith(' ') ? ` ${text}` : text, isFirst, (piece, first) =>
      emit(bytesToText(utf8.encode(piece)), first),
    );
}
