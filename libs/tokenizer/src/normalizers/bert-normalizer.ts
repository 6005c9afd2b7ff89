// BERT's normalizer: drops control characters, sets Chinese characters apart, drops accents, lowers case.
// Source: Devlin et al. 2018, tokenization.py (BasicTokenizer), as Hugging Face's tokenizers runs it.

import { readBoolean, type Component } from '../json-component.ts';
import { nonspacingMark, normalizeForm } from './older-unicode.ts';
import type { Normalizer } from './read-normalizer.ts';

const dropped = /[[\p{Cc}\p{Cf}\p{Co}\u{fffd}]--[\t\n\r]]/gv;
const spaces = /\p{White_Space}/gu;
const accents = new RegExp(nonspacingMark, 'gv');
// The blocks of the original, its slip at U+2B820 included.
const chinese =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

export function createBertNormalizer(component: Component): Normalizer {
  const isLowered = readBoolean(component, 'lowercase', true);
  const steps: Normalizer[] = [];
  if (readBoolean(component, 'clean_text', true))
    steps.push((text) => text.replace(dropped, '').replace(spaces, ' '));
  if (readBoolean(component, 'handle_chinese_chars', true))
    steps.push((text) => text.replace(chinese, ' $& '));
  if (readBoolean(component, 'strip_accents', isLowered))
    steps.push((text) => normalizeForm(text, 'NFD').replace(accents, ''));
  if (isLowered) steps.push(lowerCase);
  return (text) => steps.reduce((normal, step) => step(normal), text);
}

/** Each character for itself: a sigma at the end of a word is no special case. */
export function lowerCase(text: string): string {
  return text.replaceAll('Σ', 'σ').toLowerCase();
}
