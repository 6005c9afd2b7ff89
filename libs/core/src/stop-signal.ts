// SIGINT and SIGTERM as a wish to stop. One press of Ctrl-C can arrive twice: a terminal signals every process in front
// of it, and a launcher passes on what it was sent.

const names = ['SIGINT', 'SIGTERM'] as const;
/** Signals that follow the first so soon are the same wish. */
const sameWishMs = 1000;

/**
 * Calls `stop` at the first signal; a later one ends the process as it would without us.
 * @returns a function that lets signals end the process again
 */
export function onStopSignal(stop: () => void): () => void {
  let first: number | undefined;
  const off = () => {
    for (const name of names) process.off(name, handle);
  };
  const handle = (name: NodeJS.Signals) => {
    const now = performance.now();
    if (first === undefined) {
      first = now;
      stop();
    } else if (now - first > sameWishMs) {
      off();
      process.kill(process.pid, name);
    }
  };
  for (const name of names) process.on(name, handle);
  return off;
}
