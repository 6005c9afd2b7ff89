// A clock that only moves when somebody sleeps: whoever sleeps is woken at once, at the time asked for.
import type { Clock } from '@gristmill/http';

export interface ManualClock extends Clock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly slept: number[];
  advance(milliseconds: number): void;
}

export function createManualClock(start = Date.UTC(2026, 0, 1)): ManualClock {
  let time = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => time,
    advance: (milliseconds) => void (time += milliseconds),
    sleep: (milliseconds) => {
      slept.push(milliseconds);
      time += milliseconds;
      return Promise.resolve();
    },
  };
}
