// The texts whose ids scripts/record-families.mjs has recorded from small tokenizers of Hugging Face, and the form of the
// record.
import { createHash } from 'node:crypto';
import { boundaryTexts, randomTexts, strangeTexts } from './strange-texts.ts';

/** A tokenizer.json and what Hugging Face makes of the texts by it. */
export interface RecordedFamily {
  readonly tokenizer: object;
  /** Ids of the shown texts; with special tokens where the text spells them. */
  readonly shown: readonly (readonly number[])[];
  /** One digest for each ten of the other texts: of their ids, and of what their ids stand for. */
  readonly ids: readonly string[];
  readonly decoded: readonly string[];
  /** Of "Hello there", with what the post-processor adds. */
  readonly template: readonly number[];
}

export interface RecordedFamilies {
  readonly tokenizers: string;
  readonly transformers: string;
  /** SHA-256 of the texts. */
  readonly texts: string;
  readonly families: Readonly<Record<string, RecordedFamily>>;
  /** A digest for each style of chat template: of all its conversations. */
  readonly chats: Readonly<Record<string, string>>;
}

const shown = [
  'Hello there, the weather is nice!',
  'And </s> then <x> there <|endoftext|> [MASK] <mask> were none.',
  'naïve café e\u0301 ﬁ ½ ß İ Ａｂ 東京は雨 한국어 ไทย हिन्दी العربية',
  '  two  spaces\tand\nlines \u00a0\u3000 12345 3.14 x_1!=y[2] ▁',
];
const rest = [
  ...strangeTexts.filter((text) => text.length < 200),
  ...randomTexts(24, 41),
  ...boundaryTexts(24, 42),
].map((text) => text.toWellFormed());

export function familyTexts(): { shown: readonly string[]; rest: readonly string[] } {
  return { shown, rest };
}

/** @returns a digest for each ten values. */
export function digestsOfTens(values: readonly unknown[]): string[] {
  return Array.from({ length: Math.ceil(values.length / 10) }, (_, i) =>
    digestOf(values.slice(i * 10, i * 10 + 10)),
  );
}

export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12);
}
