// Numbers on the command line: anything else is refused when it is read, not when it is used.

import { InvalidArgumentError } from 'commander';

/** A whole number from 0. */
export function parseCount(value: string): number {
  if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  throw new InvalidArgumentError('give a whole number.');
}

/** A whole number from 1. */
export function parsePositive(value: string): number {
  const count = parseCount(value);
  if (count > 0) return count;
  throw new InvalidArgumentError('give a whole number from 1.');
}
