// When to ask again: which answers are worth it, what Retry-After says (RFC 9110 §10.2.3), and exponential back-off.

/** Answers that may be different next time. */
export function isRetryable(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
}

/** Answers by which a server asks for fewer requests. */
export function isPushback(status: number): boolean {
  return status === 429 || status === 503;
}

/**
 * Milliseconds that a Retry-After header asks for; a number of seconds or an HTTP date. Undefined when it says nothing.
 * @example parseRetryAfter('120', 0) // 120000
 */
export function parseRetryAfter(value: string | undefined, nowMs: number): number | undefined {
  if (value === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Wait before attempt `attempt` (1 = first repetition): base × 2^(attempt − 1), at least what the server asked for. */
export function retryDelayMs(attempt: number, baseMs: number, retryAfterMs = 0): number {
  return Math.max(retryAfterMs, baseMs * 2 ** (attempt - 1));
}
