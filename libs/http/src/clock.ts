// Time as an argument: politeness, retries and caches take a clock, so that a test decides what time it is.

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after that many milliseconds; earlier, without an error, when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(wake, milliseconds);
      signal?.addEventListener('abort', wake, { once: true });
      function wake(): void {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      }
    }),
};
