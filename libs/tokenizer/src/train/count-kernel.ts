// The WebAssembly counter of pretokens, cut as GPT-2 cuts: assembly/count-kernel.ts holds the table and the loops; here are
// its memory and the classes of characters.

import { learnClasses } from '../character-classes.ts';
import { loadWasm, type WasmMemory } from '../load-wasm.ts';
import type { CountedWords, WordCounter } from './counted-words.ts';

interface Kernel {
  readonly memory: WasmMemory;
  prepare(): void;
  clear(): void;
  roomForText(bytes: number): number;
  countText(from: number, end: number): void;
  addEntries(from: number, end: number): number;
  entriesAddress(): number;
  entriesEnd(): number;
}

const classAddress = 0x10000; // as in assembly/encode/layout.ts
const mostText = 1 << 20;
const utf8 = new TextEncoder();

export function openPretokenCounter(): WordCounter {
  const learn = (point: number): void =>
    learnClasses(new Uint8Array(kernel.memory.buffer, classAddress), point);
  const kernel = loadWasm<Kernel>('count-kernel', { learn });
  learnClasses(new Uint8Array(kernel.memory.buffer, classAddress), 0);
  kernel.prepare();
  return {
    addText(text) {
      for (const part of cutText(text)) {
        const room = 3 * part.length;
        const at = kernel.roomForText(room);
        const { written } = utf8.encodeInto(part, new Uint8Array(kernel.memory.buffer, at, room));
        kernel.countText(at, at + written);
      }
    },
    addWords: (words) => addWords(kernel, words),
    words() {
      const at = kernel.entriesAddress();
      return new Uint8Array(kernel.memory.buffer, at, kernel.entriesEnd() - at);
    },
    clear: () => kernel.clear(),
  };
}

/** Parts of about `size` characters, cut before white space that follows none: there a pretoken ends in any case. */
export function* cutText(text: string, size = mostText): Generator<string> {
  let from = 0;
  while (text.length - from > size) {
    const border = findBorder(text, from + size);
    if (border < 0) break;
    yield text.slice(from, border);
    from = border;
  }
  yield from === 0 ? text : text.slice(from);
}

function findBorder(text: string, from: number): number {
  const border = /[^\p{White_Space}] /gu;
  border.lastIndex = from;
  return border.test(text) ? border.lastIndex - 1 : -1;
}

function addWords(kernel: Kernel, words: CountedWords): void {
  let size = mostText;
  for (let from = 0; from < words.length;) {
    const part = words.subarray(from, from + size);
    const at = kernel.roomForText(part.length);
    new Uint8Array(kernel.memory.buffer).set(part, at);
    const taken = kernel.addEntries(at, at + part.length) - at;
    from += taken;
    if (taken === 0) size *= 2;
  }
}
