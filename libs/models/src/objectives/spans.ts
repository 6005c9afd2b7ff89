// T5's objective over rows of the loader: the encoder reads a row with spans left out, the decoder tells the spans.

import type { BatchArrays } from '../batch.ts';
import { shapeOfRows } from './paired-rows.ts';
import type { BatchPlace, LoadedRows, Objective } from './objective.ts';
import { corruptSpans, spanCorruptionLengths } from './span-corruption.ts';

export interface SpansOptions {
  /** Of the encoder's rows, at most. */
  readonly sequenceLength: number;
  readonly seed: number;
  readonly tokens: {
    readonly firstSentinel: number;
    readonly endOfText: number;
    readonly pad: number;
    readonly decoderStart: number;
  };
  /** Share of a row that is left out. Default .15. */
  readonly density?: number;
  /** Tokens of a span on average. Default 3. */
  readonly meanLength?: number;
  readonly documentMask?: boolean;
}

export function createSpans(options: SpansOptions): Objective {
  const { sequenceLength, density, meanLength } = options;
  const lengths = spanCorruptionLengths(sequenceLength, { density, meanLength });
  return {
    name: 'spans',
    sampleLength: lengths.tokens,
    documentBounds: true,
    shape: shapeOfRows({ encoder: lengths.inputs, decoder: lengths.targets }),
    build: (loaded, place) => build(options, loaded, place),
  };
}

function build(options: SpansOptions, loaded: LoadedRows, { step, firstRow }: BatchPlace): BatchArrays {
  const { seed, density, meanLength, documentMask, tokens: special } = options;
  const { rows, targets: text, segments: documents } = loaded;
  if (!documents) throw new TypeError('the bounds of documents are missing');
  const made = corruptSpans(
    { tokens: text, rows, step, firstRow, lossMask: Uint8Array.from(documents, (n) => (n < 0 ? 0 : 1)) },
    {
      firstSentinel: special.firstSentinel,
      endOfSequence: special.endOfText,
      padToken: special.pad,
      ...{ seed, density, meanLength },
    },
  );
  const length = text.length / rows;
  /** Documents of what stands for tokens of a row, and positions within these. */
  const place = (origins: Int32Array, width: number) => {
    const segments = origins.map((from, i) => {
      const row = Math.floor(i / width);
      return from < 0 ? -1 : documentMask ? documents[row * length + from] : 0;
    });
    const positions = new Int32Array(origins.length);
    for (let i = 0; i < positions.length; i++)
      positions[i] = i % width === 0 || segments[i] !== segments[i - 1] ? 0 : positions[i - 1] + 1;
    return { segments, positions };
  };
  const encoder = place(made.inputOrigins, made.inputLength);
  const decoder = place(made.targetOrigins, made.targetLength);
  const tokens = made.targets.map((target, i) => {
    if (target < 0) return special.pad;
    return decoder.positions[i] === 0 ? special.decoderStart : made.targets[i - 1];
  });
  return {
    tokens,
    targets: made.targets,
    ...decoder,
    encoderTokens: made.inputs,
    encoderSegments: encoder.segments,
    encoderPositions: encoder.positions,
  };
}
