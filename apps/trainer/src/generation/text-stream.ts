// Text of tokens as they come: what is given out does not change any more. Tokens are decoded together with some before
// them, since a tokenizer may join what stands beside each other (##, spaces at the start of words, bytes of one character),
// and text that may be the beginning of a stop string waits.

export interface TextStream {
  /** What is certain now, maybe nothing. */
  push(token: number): string;
  /** What was held back; a stop string cuts it. */
  end(): string;
  /** Whether a stop string was met: nothing comes after it. */
  readonly isStopped: boolean;
}

export interface TextStreamOptions {
  decode(tokens: readonly number[]): string;
  /** Tokens before the first one, which are not given out. */
  readonly before?: readonly number[];
  /** The text ends before the first of them. */
  readonly stops?: readonly string[];
}

const contextTokens = 8;

export function createTextStream({ decode, before = [], stops = [] }: TextStreamOptions): TextStream {
  let tokens = before.slice(-contextTokens);
  let given = tokens.length; // of these, the text is out
  let held = '';
  let isStopped = false;

  function decodeNew(isLast: boolean): string {
    const known = decode(tokens.slice(0, given));
    const text = decode(tokens);
    // A character whose bytes are not all there ends in U+FFFD.
    if (text.length <= known.length || (text.endsWith('\ufffd') && !isLast)) return '';
    tokens = tokens.slice(Math.max(0, given - contextTokens));
    given = tokens.length;
    return text.slice(known.length);
  }

  function release(text: string, isLast: boolean): string {
    held += text;
    const stop = findStop(held, stops);
    isStopped = stop !== undefined;
    const end = stop ?? held.length - (isLast ? 0 : countHeld(held, stops));
    const out = held.slice(0, end);
    held = held.slice(end);
    return out;
  }

  return {
    push(token) {
      if (isStopped) return '';
      tokens.push(token);
      return release(decodeNew(false), false);
    },
    end: () => (isStopped ? '' : release(decodeNew(true), true)),
    get isStopped() {
      return isStopped;
    },
  };
}

/** Where the first stop string begins. */
function findStop(text: string, stops: readonly string[]): number | undefined {
  const places = stops.map((stop) => text.indexOf(stop)).filter((place) => place >= 0);
  return places.length > 0 ? Math.min(...places) : undefined;
}

/** How many of the last characters may be the beginning of a stop string. */
function countHeld(text: string, stops: readonly string[]): number {
  const lengths = stops.map((stop) => {
    let length = Math.min(stop.length - 1, text.length);
    while (length > 0 && !text.endsWith(stop.slice(0, length))) length--;
    return length;
  });
  return Math.max(0, ...lengths);
}
