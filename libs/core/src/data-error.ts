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
  const known = describeSystemError(error);
  if (known !== undefined) return known;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** What the system refused, by its code: [what is wrong with the path, hint]. */
const systemErrors: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EACCES: ['permission is denied', 'check the permissions of it and of the folder it lies in'],
  EPERM: ['the system does not allow it', 'check the permissions of it and of the folder it lies in'],
  EROFS: ['it lies on a file system that is read only', 'give another place'],
  ENOENT: ['there is no such file or folder', 'check the path'],
  ENOTDIR: ['a part of this path is a file and no folder', 'give a folder'],
  EISDIR: ['it is a folder, and a file is needed', 'give the path of a file'],
  EEXIST: ['a file of this name is there already', 'give another name'],
  ENOSPC: ['there is no space left', 'make room, then run again'],
  ENAMETOOLONG: ['the name is too long', 'give a shorter name'],
  ELOOP: ['its links lead in a circle', 'check the path'],
};

/** Undefined for what no path is to blame for. */
function describeSystemError(error: unknown): string | undefined {
  const { code, path, dest } = (error ?? {}) as NodeJS.ErrnoException & { dest?: string };
  if (typeof code !== 'string' || typeof path !== 'string' || !Object.hasOwn(systemErrors, code))
    return undefined;
  const [problem, hint] = systemErrors[code];
  return `${dest ?? path}: ${problem}\n  hint: ${hint}\n  code: system-${code.toLowerCase()}`;
}

/**
 * Exit codes of every program: done; done but more was dropped than allowed, or a source was empty; failed; stopped by
 * a signal, or to be gone on with later.
 */
export const exitCode = { done: 0, tooManyDropped: 1, failed: 2, stopped: 75 } as const;
