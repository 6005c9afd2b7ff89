// The decoders of a tokenizer.json: they turn the spellings of tokens into the parts of a text.

import { textToBytes } from '../byte-alphabet.ts';
import {
  readBoolean,
  readComponent,
  readComponents,
  readCount,
  readString,
  type Component,
} from '../json-component.ts';
import { readByteToken } from '../models/byte-fallback.ts';
import { readMetaspace } from '../pre-tokenizers/metaspace.ts';
import { readTextPattern } from '../pre-tokenizers/text-pattern.ts';
import { unsupported } from '../refusal.ts';
import { cleanUp } from './clean-up.ts';

export type Decoder = (tokens: readonly string[]) => string[];

const utf8 = new TextEncoder();
const fromUtf8 = (bytes: Uint8Array): string => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);

const readers: Readonly<Record<string, (component: Component) => Decoder>> = {
  BPEDecoder: (component) => {
    const suffix = readString(component, 'suffix', '</w>');
    return (tokens) => tokens.map((token, i) => token.replaceAll(suffix, i === tokens.length - 1 ? '' : ' '));
  },
  ByteFallback: () => joinByteTokens,
  ByteLevel: () => (tokens) => [
    fromUtf8(Buffer.concat(tokens.map((token) => textToBytes(token) ?? utf8.encode(token)))),
  ],
  CTC: readCtc,
  Fuse: () => (tokens) => [tokens.join('')],
  Metaspace: (component) => {
    const { replacement, prependScheme } = readMetaspace(component);
    return (tokens) =>
      tokens.map((token, i) =>
        token.replaceAll(replacement, i === 0 && prependScheme !== 'never' ? '' : ' '),
      );
  },
  Replace: (component) => {
    const pattern = readTextPattern(component);
    const content = readString(component, 'content');
    return (tokens) => tokens.map((token) => token.replace(pattern, () => content));
  },
  Sequence: (component) => {
    const steps = readComponents(component, 'decoders').map(readOne);
    return (tokens) => steps.reduce<string[]>((parts, step) => step(parts), [...tokens]);
  },
  Strip: (component) => {
    const content = readString(component, 'content');
    const [start, stop] = [readCount(component, 'start'), readCount(component, 'stop')];
    return (tokens) => tokens.map((token) => strip(token, content, start, stop));
  },
  WordPiece: (component) => {
    const prefix = readString(component, 'prefix', '##');
    const isCleaned = readBoolean(component, 'cleanup', true);
    return (tokens) =>
      tokens.map((token, i) => {
        const joined = token.startsWith(prefix) ? token.slice(prefix.length) : ` ${token}`;
        const part = i === 0 ? token : joined;
        return isCleaned ? cleanUp(part) : part;
      });
  },
};

/** Without a decoder a space stands between tokens. DataError `unsupported-tokenizer` names what is not read. */
export function readDecoder(value: unknown): Decoder {
  if (value === null || value === undefined) return (tokens) => [tokens.join(' ')];
  return readOne(readComponent(value));
}

function readOne(component: Component): Decoder {
  if (!Object.hasOwn(readers, component.type)) throw unsupported(`the decoder ${component.type}`);
  return readers[component.type](component);
}

/** Runs of byte tokens are text where they are UTF-8, and a U+FFFD for each byte where they are not. */
function joinByteTokens(tokens: readonly string[]): string[] {
  const parts: string[] = [];
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length === 0) return;
    try {
      parts.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes)));
    } catch {
      parts.push(...bytes.map(() => '\ufffd'));
    }
    bytes = [];
  };
  for (const token of tokens) {
    const byte = readByteToken(token);
    if (byte !== undefined) bytes.push(byte);
    else {
      flush();
      parts.push(token);
    }
  }
  flush();
  return parts;
}

/** Up to `start` and `stop` of a character from the ends of a token. */
function strip(token: string, content: string, start: number, stop: number): string {
  const characters = Array.from(token);
  let [from, to] = [0, characters.length];
  while (from < Math.min(start, characters.length) && characters[from] === content) from++;
  while (characters.length - to < stop && to > 0 && characters[to - 1] === content) to--;
  return characters.slice(from, Math.max(from, to)).join('');
}

/** Connectionist temporal classification: repeated tokens are one, the padding is none. */
function readCtc(component: Component): Decoder {
  const padding = readString(component, 'pad_token', '<pad>');
  const delimiter = readString(component, 'word_delimiter_token', '|');
  const isCleaned = readBoolean(component, 'cleanup', true);
  return (tokens) =>
    tokens
      .filter((token, i) => token !== tokens[i - 1])
      .map((token) => token.replaceAll(padding, ''))
      .map((token) => (isCleaned ? cleanUp(token).replaceAll(delimiter, ' ') : token))
      .filter((token) => token !== '');
}
