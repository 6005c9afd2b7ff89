// A prompt beside an image, for models that see.

import { DataError } from '@gristmill/core';
import type { LanguageModel } from '@gristmill/models';
import type { TextTokenizer } from '../text-tokenizer.ts';
import { toPixels } from './pixels.ts';
import { readImage } from './read-image.ts';

export interface ImagePrompt {
  readonly tokens: number[];
  /** [3, S, S] */
  readonly pixels: Float32Array;
}

/** Where a prompt says so the image stands, else before it. */
const marker = '<image>';

/** @throws DataError `cannot-see`, `image-unreadable` */
export async function readImagePrompt(
  { image, specialTokens, type }: LanguageModel,
  tokenizer: TextTokenizer,
  { path, prompt }: { readonly path: string; readonly prompt: string },
): Promise<ImagePrompt> {
  const token = specialTokens?.image;
  if (image === undefined || token === undefined)
    throw new DataError(
      'cannot-see',
      `a ${type} reads no images`,
      'give a model of type llava, or leave out the image',
    );
  const at = prompt.indexOf(marker);
  const [before, after] = at < 0 ? ['', prompt] : [prompt.slice(0, at), prompt.slice(at + marker.length)];
  const places = new Array<number>(image.tokens).fill(token);
  return {
    tokens: [...tokenizer.encode(before), ...places, ...tokenizer.encode(after)],
    pixels: toPixels(await readImage(path), image.size),
  };
}
