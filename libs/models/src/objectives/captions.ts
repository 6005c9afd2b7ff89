// What is to be said of an image: its positions stand first in a row, and each token of the text is predicted from them
// and from the tokens before it (Liu et al. 2023, section 4.2).

import type { BatchArrays, BatchShape } from '../batch.ts';
import type { ImageInput } from '../language-model.ts';
import { perToken } from './objective.ts';

export interface Caption {
  /** [3, size, size] */
  readonly pixels: Float32Array;
  readonly text: ArrayLike<number>;
}

export interface CaptionsOptions {
  readonly image: ImageInput;
  /** Tokens of a row: those of the image, and of a text; what goes beyond is cut. */
  readonly sequenceLength: number;
  readonly tokens: { readonly image: number; readonly endOfText: number };
}

export interface Captions {
  readonly name: 'captions';
  shape(batch: number): BatchShape;
  build(captions: readonly Caption[]): BatchArrays;
}

export function createCaptions({ image, sequenceLength, tokens: special }: CaptionsOptions): Captions {
  const size = 3 * image.size ** 2;
  return {
    name: 'captions',
    shape: (batch) => ({
      batch,
      length: sequenceLength,
      further: {
        pixels: { shape: [3, image.size, image.size], dtype: 'f32' },
        imagePlaces: perToken(sequenceLength),
      },
    }),
    build(captions) {
      const whole = (filler: number) => new Int32Array(captions.length * sequenceLength).fill(filler);
      const [tokens, targets, imagePlaces] = [whole(special.endOfText), whole(-1), whole(-1)];
      const pixels = new Float32Array(captions.length * size);
      captions.forEach((caption, row) => {
        const first = row * sequenceLength;
        pixels.set(caption.pixels, row * size);
        tokens.fill(special.image, first, first + image.tokens);
        for (let i = 0; i < image.tokens; i++) imagePlaces[first + i] = i;
        const begin = first + image.tokens;
        const room = sequenceLength - image.tokens;
        const text = [...Array.from(caption.text), special.endOfText];
        tokens.set(text.slice(0, room), begin);
        targets.set(text.slice(0, room + 1), begin - 1);
      });
      return { tokens, targets, imagePlaces, pixels };
    },
  };
}
