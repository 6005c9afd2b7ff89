// Repairs UTF-8 that somebody decoded with a one-byte charset ("cafÃ©" for "café"), also when it happened twice. The idea
// is ftfy's (Speer 2019): such text is a sequence of characters whose bytes are valid UTF-8, in places where no
// language puts those characters. Unlike ftfy, each sequence is weighed by itself (mojibake-evidence.ts), so that a line
// may mix broken and sound parts; a line that is all sequences is repaired as a whole on less evidence for each.
// It does not undo confusions between two one-byte charsets.

import type { RuleResult } from './clean-text.ts';
import { charsets, type Charset } from './mojibake-charsets.ts';
import { enoughEvidence, speaksForWhole, weigh, type Sequence } from './mojibake-evidence.ts';

/** Text that went wrong more often than this is not worth saving. */
const mostRounds = 4;
const nonAscii = /[^\x00-\x7f]/;

export function repairMojibake(text: string): RuleResult {
  if (!nonAscii.test(text)) return { text, count: 0 };
  const possible = charsets.filter((charset) => charset.hint.test(text));
  if (possible.length === 0 && !text.includes('Ã ')) return { text, count: 0 };
  let count = 0;
  const lines = text.split('\n').map((line) => {
    if (!nonAscii.test(line)) return line;
    const repaired = repairLine(line, possible);
    count += repaired.count;
    return repaired.text;
  });
  return { text: count === 0 ? text : lines.join('\n'), count };
}

function repairLine(line: string, possible: readonly Charset[]): RuleResult {
  let text = line;
  let count = 0;
  // What one round brings to light may be mojibake in another charset, so later rounds try all.
  let tried = possible;
  for (let round = 0; round < mostRounds && nonAscii.test(text); round++) {
    const best = bestReading(text, tried);
    if (!best) break;
    text = replaceSequences(text, best);
    count += best.length;
    tried = charsets;
  }
  return restoreLostSpaces(text, count);
}

// "voilÃ  le": the no-break space of "à" has become a plain one on the way. A capital before it makes "Ã" sound, and so does
// standing alone: "a letra Ã é nasal". A lone one is mended where something else on its line was.
const graveAfterLetter = /(?<=\p{Ll})Ã {1,2}(?=\p{Ll})/gu;
const graveAlone = /(?<!\p{L})Ã {1,2}(?=\p{Ll})/gu;

function restoreLostSpaces(line: string, counted: number): RuleResult {
  if (!line.includes('Ã ')) return { text: line, count: counted };
  let count = counted;
  const mend = (): string => (count++, 'à ');
  const text = line.replace(graveAfterLetter, mend);
  // Sound text has no doubled blank behind it, either.
  const isBroken = count > 0 || /(?<!\p{L})Ã {2}\p{Ll}/u.test(text);
  return { text: isBroken ? text.replace(graveAlone, mend) : text, count };
}

/**
 * The sequences to replace, all from one charset: one that explains the whole line before one that explains parts,
 * then the one with the most evidence, then the commoner charset.
 */
function bestReading(line: string, possible: readonly Charset[]): readonly Sequence[] | undefined {
  let best: readonly Sequence[] | undefined;
  let bestScore = 0;
  for (const charset of possible) {
    const sequences = findSequences(line, charset);
    if (sequences.length === 0) continue;
    const weights = sequences.map((_, i) => weigh(line, sequences, i, charset));
    const whole = isAllSequences(line, sequences) && speaksForWhole(sequences, weights);
    const chosen = whole ? sequences : sequences.filter((_, i) => weights[i] >= enoughEvidence);
    const score = chosen.reduce((sum, { length }) => sum + length, 0) + (whole ? 1e6 : 0);
    if (chosen.length > 0 && score > bestScore) {
      best = chosen;
      bestScore = score;
    }
  }
  return best;
}

function replaceSequences(line: string, sequences: readonly Sequence[]): string {
  const parts: string[] = [];
  let start = 0;
  for (const sequence of sequences) {
    parts.push(line.slice(start, sequence.start), sequence.decoded);
    start = sequence.end;
  }
  return parts.join('') + line.slice(start);
}

/** Every maximal valid UTF-8 sequence among the bytes that the characters stand for. */
function findSequences(line: string, charset: Charset): Sequence[] {
  const { bytes } = charset;
  const found: Sequence[] = [];
  for (let i = 0; i < line.length;) {
    const sequence = bytes[line.charCodeAt(i)] >= 0xc2 ? sequenceAt(line, i, charset) : undefined;
    if (sequence) found.push(sequence);
    i = sequence ? sequence.end : i + 1;
  }
  return found;
}

function sequenceAt(line: string, start: number, { bytes }: Charset): Sequence | undefined {
  const lead = bytes[line.charCodeAt(start)];
  if (lead > 0xf4) return undefined;
  const length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  let point = lead & (0x7f >> length);
  for (let k = 1; k < length; k++) {
    const byte = bytes[line.charCodeAt(start + k)];
    // NaN past the end indexes nothing; undefined is no continuation byte.
    if (byte === undefined || (byte & 0xc0) !== 0x80) return undefined;
    point = (point << 6) | (byte & 0x3f);
  }
  const least = length === 3 ? 0x800 : length === 4 ? 0x10000 : 0x80;
  if (point < least || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
  return { start, end: start + length, point, decoded: String.fromCodePoint(point), length };
}

/** True when no character outside ASCII is left over: the line is the decoding of one UTF-8 text. */
function isAllSequences(line: string, sequences: readonly Sequence[]): boolean {
  let next = 0;
  for (let i = 0; i < line.length; i++) {
    if (next < sequences.length && i === sequences[next].start) {
      i = sequences[next++].end - 1;
    } else if (line.charCodeAt(i) > 0x7f) {
      return false;
    }
  }
  return true;
}
