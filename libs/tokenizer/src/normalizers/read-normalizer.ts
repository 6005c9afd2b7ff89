// The normalizers of a tokenizer.json: functions over a text, done before it is cut.

import { bytesToText } from '../byte-alphabet.ts';
import { readBoolean, readComponent, readComponents, readString, type Component } from '../json-component.ts';
import { readTextPattern } from '../pre-tokenizers/text-pattern.ts';
import { unsupported } from '../refusal.ts';
import { createBertNormalizer, lowerCase } from './bert-normalizer.ts';
import { mark, normalizeForm } from './older-unicode.ts';
import { createPrecompiled } from './precompiled.ts';

export type Normalizer = (text: string) => string;

type Reader = (component: Component) => Normalizer;

const marks = new RegExp(mark, 'gv');
const nmtDropped = /[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]/g;
const nmtSpaces = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/g;
const probedUnits = 64;
const utf8 = new TextEncoder();

const readers: Readonly<Record<string, Reader>> = {
  BertNormalizer: createBertNormalizer,
  ByteLevel: () => (text) => bytesToText(utf8.encode(text)),
  Lowercase: () => lowerCase,
  NFC: () => (text) => normalizeForm(text, 'NFC'),
  NFD: () => (text) => normalizeForm(text, 'NFD'),
  NFKC: () => (text) => normalizeForm(text, 'NFKC'),
  NFKD: () => (text) => normalizeForm(text, 'NFKD'),
  Nmt: () => (text) => text.replace(nmtDropped, '').replace(nmtSpaces, ' '),
  Precompiled: createPrecompiled,
  Prepend: (component) => {
    const prefix = readString(component, 'prepend');
    return (text) => (text === '' ? text : prefix + text);
  },
  Replace: (component) => {
    const pattern = readTextPattern(component);
    const content = readString(component, 'content');
    return (text) => text.replace(pattern, () => content);
  },
  Sequence: (component) => {
    const steps = readComponents(component, 'normalizers').map(readOne);
    return (text) => steps.reduce((normal, step) => step(normal), text);
  },
  Strip: (component) => {
    const left = readBoolean(component, 'strip_left', true);
    const right = readBoolean(component, 'strip_right', true);
    return (text) => stripSpace(text, left, right);
  },
  StripAccents: () => (text) => text.replace(marks, ''),
};

/** Undefined where the text stays as it is. DataError `unsupported-tokenizer` names what is not read. */
export function readNormalizer(value: unknown): Normalizer | undefined {
  return value === null || value === undefined ? undefined : readOne(readComponent(value));
}

/**
 * Whether the beginning of a text is still the beginning of its normal form, as Hugging Face's offsets have it: what a
 * step drops is gone, but what Precompiled drops is not noticed.
 */
export function openStartProbe(value: unknown): (text: string) => boolean {
  const steps = flatten(value).map((component) => ({ type: component.type, normalize: readOne(component) }));
  return (text) => {
    let start = text.slice(0, probedUnits);
    let first = firstCharacter(start);
    for (const { type, normalize } of steps) {
      first = normalize(first);
      start = normalize(start);
      if (first === '' && type !== 'Precompiled') return false;
      if (first === '') first = firstCharacter(start);
    }
    return true;
  };
}

function firstCharacter(text: string): string {
  return text === '' ? '' : String.fromCodePoint(text.codePointAt(0)!);
}

function flatten(value: unknown): Component[] {
  if (value === null || value === undefined) return [];
  const component = readComponent(value);
  return component.type === 'Sequence'
    ? readComponents(component, 'normalizers').flatMap(flatten)
    : [component];
}

function readOne(component: Component): Normalizer {
  if (!Object.hasOwn(readers, component.type)) throw unsupported(`the normalizer ${component.type}`);
  return readers[component.type](component);
}

/** White space by Unicode, which is not String.prototype.trim's. */
function stripSpace(text: string, left: boolean, right: boolean): string {
  let [start, end] = [0, text.length];
  while (left && start < end && /\p{White_Space}/u.test(text[start])) start++;
  while (right && end > start && /\p{White_Space}/u.test(text[end - 1])) end--;
  return text.slice(start, end);
}
