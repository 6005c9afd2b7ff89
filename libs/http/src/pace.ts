// When a host is asked next: a function of times alone, in milliseconds. Gaps run from the start of one request to the
// start of the next, spread by a tenth around the delay so that crawlers do not fall into step with one another.

/** How far a gap may lie from the delay, as a part of it. */
const spread = 0.1;

export interface Started {
  /** When the request was due. */
  readonly due: number;
  /** When it started. */
  readonly start: number;
}

export interface Gaps {
  /** Our own delay: the mean of the gaps, none of which is shorter than nine tenths of it. */
  readonly delayMs: number;
  /** What the host is owed beyond it: no gap is shorter. */
  readonly leastMs: number;
}

/**
 * When the next request is due. One that started late is made up for as far as the spread allows, so a timer that is
 * always late does not lower the rate.
 * @param random in [0, 1)
 */
export function nextDue({ due, start }: Started, { delayMs, leastMs }: Gaps, random: number): number {
  const nearest = start + (1 - spread) * delayMs;
  const from = start - due <= spread * delayMs ? due : start;
  const spreadOut = from + (1 - spread + 2 * spread * random) * delayMs;
  return Math.max(nearest, spreadOut, start + leastMs);
}

/**
 * What a slow answer adds: the host rests from its end for as long as the answer exceeded the delay.
 * @returns the least gap from the start of that request; 0 where the answer was quicker than the delay
 */
export function gapAfterAnswer(answerMs: number, delayMs: number): number {
  return delayMs > 0 && answerMs > delayMs ? 2 * answerMs - delayMs : 0;
}
