// Work on several inputs at once, results in the order of the inputs. The first error ends it: what waits is not begun,
// what runs is told to end, and the error is thrown without waiting for results before it.

export interface MapLimits {
  /** Inputs that are worked on, or are done and wait to be taken. */
  readonly inFlight: number;
  /** Inputs that are worked on; default `inFlight`. Fewer leave room for results to wait behind a slow one. */
  readonly running?: number;
}

/** @param work is given a signal that ends it when another input failed */
export async function* mapInOrder<Input, Output>(
  inputs: Iterable<Input> | AsyncIterable<Input>,
  work: (input: Input, signal: AbortSignal) => Promise<Output>,
  { inFlight, running: mostRunning = inFlight }: MapLimits,
): AsyncGenerator<Output> {
  const abort = new AbortController();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => {}); // thrown by whoever waits next
  const pending: Promise<Output>[] = [];
  let running = 0;
  let freed = Promise.withResolvers<void>();
  const begin = (input: Input): void => {
    running++;
    const done = work(input, abort.signal).finally(() => {
      running--;
      freed.resolve();
      freed = Promise.withResolvers();
    });
    done.catch(failed.reject);
    pending.push(done);
  };
  const source = inputsOf(inputs);
  let isOver = false;
  try {
    for (;;) {
      while (!isOver && pending.length < inFlight && running < mostRunning) {
        const next = await Promise.race([source.next(), failed.promise]);
        if (next.done) isOver = true;
        else begin(next.value);
      }
      if (pending.length === 0) return;
      const [first] = pending;
      const isFirst = first.then(() => true);
      const hasRoom = !isOver && pending.length < inFlight;
      const outcome = hasRoom ? [isFirst, freed.promise.then(() => false)] : [isFirst];
      if (await Promise.race([failed.promise, ...outcome])) yield await pending.shift()!;
    }
  } catch (error) {
    abort.abort(error);
    throw error;
  } finally {
    await Promise.allSettled(pending);
    // Not waited for: it may be about to give an input that never comes.
    source.return?.().catch(() => {});
  }
}

function inputsOf<Input>(inputs: Iterable<Input> | AsyncIterable<Input>): AsyncIterator<Input> {
  async function* each(): AsyncGenerator<Input> {
    yield* inputs;
  }
  return each();
}
