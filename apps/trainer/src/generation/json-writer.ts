// JSON that a schema describes: at each token only those are allowed after which the text can still become right (XGrammar,
// Dong et al. 2024), and what comes out is judged by ajv, since a grammar cannot say all that a schema can. Towards the
// end of the tokens whatever closes goes first.

import { Ajv2020, type AnySchema, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { DataError } from '@gristmill/core';
import type { TextTokenizer } from '../text-tokenizer.ts';
import { loadXGrammar } from './load-xgrammar.ts';
import { narrowFormats } from './narrow-formats.ts';

/** Which tokens may come next. */
export interface TokenConstraint {
  /** Sets the logits of all others to −∞. @param left tokens that may still be written */
  restrict(logits: Float32Array, left: number): Promise<void>;
  /** Takes a token; true when the text is whole. */
  accept(token: number): boolean;
  close(): void;
}

export interface JsonGrammar {
  begin(): Promise<TokenConstraint>;
  /** What is wrong with a text; undefined for one that the schema describes. */
  judge(text: string): string | undefined;
}

export interface JsonGrammarOptions {
  /** The text of a JSON schema. */
  readonly schema: string;
  readonly tokenizer: TextTokenizer;
  /** Logits that the model gives. */
  readonly vocabSize: number;
  readonly endOfText: number;
}

/** @throws DataError `wrong-schema` for what is no schema, or none that can be followed */
export async function createJsonGrammar(options: JsonGrammarOptions): Promise<JsonGrammar> {
  const { schema, tokenizer, endOfText } = options;
  const validate = compileSchema(schema);
  const { GrammarMatcher } = (await loadXGrammar()).xgrammar;
  const grammar = await compileGrammar(options);
  const ranks = { within: rankClosing(options, withinTexts), outside: rankClosing(options, outsideTexts) };
  return {
    async begin() {
      const matcher = await GrammarMatcher.createGrammarMatcher(grammar, endOfText);
      let place: JsonPlace = { isWithin: false, isEscaped: false };
      let written = 0;
      return {
        async restrict(logits, left) {
          const mask = await matcher.getNextTokenBitmask();
          restrictTo(logits, (token) => ((mask[token >> 5] >>> (token & 31)) & 1) === 1);
          if (left < Math.max(closingTokens, written))
            preferClosing(logits, place.isWithin ? ranks.within : ranks.outside);
        },
        accept(token) {
          matcher.acceptToken(token);
          place = readOn(place, tokenizer.decodeBytes([token]));
          written++;
          return matcher.isTerminated();
        },
        close: () => matcher.dispose(),
      };
    },
    judge(text) {
      try {
        return validate(JSON.parse(text)) ? undefined : (validate.errors?.[0]?.message ?? 'it differs');
      } catch {
        return 'it is no JSON';
      }
    },
  };
}

/** From here on, and from half of all tokens on, whatever closes goes first. */
const closingTokens = 64;

const [quote, backslash] = [34, 92];

/** Where in JSON a text stands: in a text in quotation marks, there after a backslash. */
interface JsonPlace {
  readonly isWithin: boolean;
  readonly isEscaped: boolean;
}

function readOn(place: JsonPlace, bytes: Uint8Array): JsonPlace {
  let { isWithin, isEscaped } = place;
  for (const byte of bytes) {
    if (byte === quote && !isEscaped) isWithin = !isWithin;
    isEscaped = byte === backslash && !isEscaped;
  }
  return { isWithin, isEscaped };
}

/** JSON on one line has no character below the space, which XGrammar allows in texts of a limited length. */
const hasControl = (tokenizer: TextTokenizer, token: number): boolean =>
  tokenizer.decodeBytes([token]).some((byte) => byte < 32);

function compileSchema(text: string): ValidateFunction {
  try {
    const schema = JSON.parse(text) as AnySchema;
    const ajv = new Ajv2020({ strict: false, logger: false });
    formats.default(ajv);
    // Whichever draft it names: what they share is read alike.
    return ajv.compile(typeof schema === 'object' ? { ...schema, $schema: undefined } : schema);
  } catch (cause) {
    throw wrongSchema((cause as Error).message, cause);
  }
}

const wrongSchema = (why: string, cause?: unknown) =>
  new DataError(
    'wrong-schema',
    `the JSON schema cannot be used: ${why}`,
    'correct it, or leave that keyword out',
    {
      cause,
    },
  );

async function compileGrammar({ schema, tokenizer, vocabSize, endOfText }: JsonGrammarOptions) {
  const { xgrammar, attempt } = await loadXGrammar();
  const spellings = Array.from({ length: vocabSize }, (_, token) =>
    token === endOfText ? '</s>' : hasControl(tokenizer, token) ? '' : tokenizer.spellBytes(token),
  );
  const narrowed = JSON.stringify(narrowFormats(JSON.parse(schema)));
  const { createTokenizerInfo } = xgrammar.TokenizerInfo;
  const info = await createTokenizerInfo(spellings, 'byte_level', false, vocabSize, endOfText);
  const compiler = await xgrammar.GrammarCompiler.createGrammarCompiler(info);
  try {
    // On one line, a space after colons and commas: unlimited spaces would be an unlimited text.
    return await attempt(() => compiler.compileJSONSchema(narrowed, false, -1, [', ', ': ']));
  } catch (cause) {
    throw wrongSchema((cause as Error).message, cause);
  }
}

function restrictTo(logits: Float32Array, isAllowed: (token: number) => boolean): void {
  for (let token = 0; token < logits.length; token++) if (!isAllowed(token)) logits[token] = -Infinity;
}

/** Rank of what neither closes nor parts. */
const last = 255;

/** Within texts: their end, then what patterns part their pieces by. */
const withinTexts = ['"', '@', '.', '-', ':', '/', '_', ' '];

/** Outside of texts: what closes, then what parts. */
const outsideTexts = ['}', ']', ', ', ',', ': ', ':'];

/** The end first, then the tokens that are these, in their order; all else last. */
function rankClosing(
  { tokenizer, vocabSize, endOfText }: JsonGrammarOptions,
  closing: readonly string[],
): Uint8Array {
  return Uint8Array.from({ length: vocabSize }, (_, token) => {
    if (token === endOfText) return 0;
    const rank = closing.indexOf(Buffer.from(tokenizer.decodeBytes([token])).toString());
    return rank >= 0 ? rank + 1 : last;
  });
}

function preferClosing(logits: Float32Array, ranks: Uint8Array): void {
  let least = last;
  logits.forEach((logit, token) => {
    if (logit > -Infinity) least = Math.min(least, ranks[token]);
  });
  restrictTo(logits, (token) => ranks[token] === least);
}
