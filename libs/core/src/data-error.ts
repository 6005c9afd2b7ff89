// The one error that a user is meant to read: a sentence, a hint and a stable code.

/** Bad configuration or a damaged store. `code` is stable (kebab-case), `hint` says what to do. */
export class DataError extends Error {
  readonly code: string;
  readonly hint: string;
  constructor(code: string, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'DataError';
    this.code = code;
    this.hint = hint;
  }
}

/** The three lines that every program prints for an error that ends it. */
export function describeError(error: unknown): string {
  if (error instanceof DataError) return `${error.message}\n  hint: ${error.hint}\n  code: ${error.code}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/**
 * Exit codes of every program: done; done but more was dropped than allowed, or a source was empty; failed; stopped by
 * a signal, or to be gone on with later.
 */
export const exitCode = { done: 0, tooManyDropped: 1, failed: 2, stopped: 75 } as const;
