// Work that SIGINT and SIGTERM stop between two batches.

import { onStopSignal } from '@gristmill/core';

/** A second signal ends the process as it would without us. */
export async function untilSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const off = onStopSignal(() => controller.abort());
  try {
    return await work(controller.signal);
  } finally {
    off();
  }
}
