// Work that nobody waits for any more once a signal comes.

/** Undefined as soon as the signal comes; what was begun goes on unheeded. */
export async function unlessAborted<T>(
  work: Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | undefined> {
  if (!signal) return work;
  let listener = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    listener = () => resolve(undefined);
    signal.addEventListener('abort', listener);
    if (signal.aborted) listener();
  });
  work.catch(() => {}); // nobody waits for it after an abort
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', listener);
  }
}
