// How much a program says on stderr: errors always, what else it would tell a person unless it is asked to be quiet.

import { describeError } from './data-error.ts';

const write = process.stderr.write.bind(process.stderr);
let isVerbose = false;

/** From now on nothing reaches stderr but what `writeError` writes. */
export function beQuiet(): void {
  process.stderr.write = () => true;
}

/** From now on an error tells where in the program it arose, and what caused it. */
export function beVerbose(): void {
  isVerbose = true;
}

/** An error that ends a program, or what a command-line reader says of a wrong option. */
export function writeError(error: unknown): void {
  write(`${typeof error === 'string' ? error : describeError(error)}\n`);
  for (let cause: unknown = isVerbose ? error : undefined; cause instanceof Error; cause = cause.cause)
    write(`${cause.stack}\n`);
}
