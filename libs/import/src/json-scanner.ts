// Cuts JSON texts of any size into members without parsing them: the elements of an array, or the values themselves where
// several stand in a row. What is wrong inside one member costs that member. Whether a piece is JSON is its parser's affair.

export type JsonPiece =
  /** isAlone: it stands in no array or object that was entered. */
  | { readonly text: string; readonly isAlone: boolean }
  /** `too-large`: a member above the limit, skipped; `cut`: the text ends inside a member or its array. */
  | { readonly reason: 'too-large' | 'cut' };

/** Push chunks of the text, then end it; each gives the pieces that are whole by then. */
export interface JsonScanner {
  push(chunk: string): JsonPiece[];
  end(): JsonPiece[];
}

/** An array or object that is entered instead of being captured. */
interface Frame {
  readonly isArray: boolean;
  /** Its elements are the members. */
  readonly isTarget: boolean;
  key: string;
  index: number;
  awaitsKey: boolean;
}

/** A value that is being read over, to its end. */
interface Capture {
  readonly kind: 'container' | 'string' | 'scalar';
  /** Kept only where it is a member or a key. */
  readonly use: 'member' | 'key' | 'none';
  depth: number;
  inString: boolean;
  escaped: boolean;
  pieces: string[];
  units: number;
  /** Where in the text so far a new member may have begun after a string that a line feed broke. */
  broken: 'no' | 'line' | 'brace';
  restart: number;
}

/**
 * @param path keys and indexes that lead to the array or value; empty = the text itself
 * @param mostUnits of a member, UTF-16
 * @example createScanner([], 1e6).push('[{"a": 1}, 2]') // [{ text: '{"a": 1}' }, { text: '2' }]
 */
export function createScanner(path: readonly string[], mostUnits: number): JsonScanner {
  const frames: Frame[] = [];
  let capture: Capture | undefined;
  let found: JsonPiece[] = [];
  let chunk = '';
  let from = 0;

  const begin = (kind: Capture['kind'], use: Capture['use'], at: number): void => {
    const state = { depth: 0, inString: false, escaped: false, units: 0, restart: 0 };
    capture = { kind, use, pieces: [], broken: 'no', ...state };
    from = at;
  };
  const keep = (end: number): void => {
    if (!capture || capture.use === 'none') return;
    capture.units += end - from;
    if (capture.units > mostUnits) capture.pieces = [];
    else capture.pieces.push(chunk.slice(from, end));
  };
  const finish = (end: number): void => {
    keep(end);
    const { use, pieces, units } = capture!;
    capture = undefined;
    if (use === 'member')
      found.push(
        units > mostUnits ? { reason: 'too-large' } : { text: pieces.join(''), isAlone: frames.length === 0 },
      );
    if (use === 'key') frames[frames.length - 1].key = unquoted(pieces.join(''));
  };
  /** How the value that begins here is taken: entered as an array of members or on the way to one, or read over. */
  const enter = (isArray: boolean, isContainer: boolean): Frame | 'member' | 'none' => {
    const frame = frames.at(-1);
    if (frame?.isTarget) return 'member';
    const key = frame && (frame.isArray ? String(frame.index) : frame.key);
    if (frame && key !== path[frames.length - 1]) return 'none';
    const isThere = frames.length === path.length;
    if (isThere && !(isContainer && isArray)) return 'member';
    if (!isContainer) return 'none';
    return { isArray, isTarget: isThere, key: '', index: 0, awaitsKey: !isArray };
  };
  const startValue = (character: string, at: number): void => {
    const isContainer = character === '[' || character === '{';
    const taken = enter(character === '[', isContainer);
    if (typeof taken !== 'string') return void frames.push(taken);
    const kind = isContainer ? 'container' : character === '"' ? 'string' : 'scalar';
    begin(kind, taken, at);
  };
  /** Between values. @returns the next place */
  const step = (at: number): number => {
    const character = chunk[at];
    const frame = frames.at(-1);
    if (isBlank(character)) return at + 1;
    if (character === ',') {
      if (frame) frame.index++;
      if (frame) frame.awaitsKey = !frame.isArray;
    } else if (character === ']' || character === '}') frames.pop();
    else if (character === ':' && frame && !frame.isArray) frame.awaitsKey = false;
    else if (frame?.awaitsKey && character === '"') return (begin('string', 'key', at), at);
    else startValue(character, at);
    return capture ? at : at + 1;
  };
  /** Inside a value. @returns the place behind what was read */
  const advance = (at: number): number => {
    const state = capture!;
    if (state.kind === 'scalar') return scalarEnd(at);
    let next = at;
    for (; next < chunk.length; next++) {
      const code = chunk.charCodeAt(next);
      if (state.inString) {
        if (state.escaped) state.escaped = false;
        else if (code === backslash) state.escaped = true;
        else if (code === quote) {
          if (restarts(state, next)) return next + 1;
          [state.inString, state.broken] = [false, 'no'];
        } else if (code === lineFeed) state.broken = state.broken === 'brace' ? 'brace' : 'line';
        else if (state.broken !== 'no') watch(state, code, next);
        if (!state.inString && state.kind === 'string') return (finish(next + 1), next + 1);
      } else if (code === quote) state.inString = true;
      else if (code === brace || code === bracket) state.depth++;
      else if (code === braceEnd || code === bracketEnd) {
        if (--state.depth === 0) return (finish(next + 1), next + 1);
      }
    }
    keep(next);
    from = next;
    return next;
  };
  const scalarEnd = (at: number): number => {
    let end = at;
    while (end < chunk.length && !isBlank(chunk[end]) && !',]}'.includes(chunk[end])) end++;
    // A character that begins no value is a piece of its own, or nothing would move.
    if (end < chunk.length) finish(Math.max(end, at));
    else {
      keep(end);
      from = end;
    }
    return end;
  };
  /** After a line feed in a string, which JSON forbids: `{"` at a line's start is taken for the next member. */
  const watch = (state: Capture, code: number, at: number): void => {
    if (code === space || code === tab || code === carriageReturn) return;
    if (state.broken === 'line' && code === brace) {
      state.broken = 'brace';
      state.restart = state.units + at - from;
    } else state.broken = 'no';
  };
  const restarts = (state: Capture, at: number): boolean => {
    if (state.broken !== 'brace' || state.use !== 'member') return false;
    keep(at);
    const text = state.pieces.join('');
    const isHeld = state.units <= mostUnits;
    found.push(
      isHeld ? { text: text.slice(0, state.restart), isAlone: frames.length === 0 } : { reason: 'too-large' },
    );
    begin('container', 'member', at + 1);
    capture!.pieces = [`${isHeld ? text.slice(state.restart) : '{'}"`];
    capture!.units = capture!.pieces[0].length;
    [capture!.depth, capture!.inString] = [1, true];
    return true;
  };
  return {
    push(text) {
      [chunk, from, found] = [text, 0, []];
      for (let at = 0; at < chunk.length;) at = capture ? advance(at) : step(at);
      return found;
    },
    end() {
      [chunk, from, found] = ['', 0, []];
      const isScalar = capture?.kind === 'scalar' && frames.length === 0;
      if (isScalar) finish(0);
      else if (capture || frames.length > 0) found.push({ reason: 'cut' });
      return found;
    },
  };
}

const [quote, backslash, brace, braceEnd, bracket, bracketEnd] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d];
const [lineFeed, carriageReturn, space, tab] = [10, 13, 32, 9];

/** White space, and the record separator of RFC 7464. */
function isBlank(character: string): boolean {
  return /[\s\x1e\uFEFF]/.test(character);
}

function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text;
  }
}

/** Keys of a JSON Pointer (RFC 6901); a plain name is short for `/name`. */
export function pathOf(pointer: string): string[] {
  const full = pointer === '' || pointer.startsWith('/') ? pointer : `/${pointer}`;
  return full
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}
