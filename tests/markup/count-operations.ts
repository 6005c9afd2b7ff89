// Work counted, not timed: how often V8 ran each block of libs/markup (its precise coverage), and how many characters
// `indexOf` passed over. The same on every machine.

import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

interface Operations {
  blocks: number;
  searched: number;
}

/** Of each of the works, which are done one after the other. */
export function countOperations(works: readonly (() => void)[]): Operations[] {
  const session = new Session();
  session.connect();
  const post = <T>(method: string, parameters?: object): T => {
    let answer: T | undefined;
    session.post(method, parameters, (error, result) => {
      if (error) throw error;
      answer = result as T;
    });
    return answer!;
  };
  const takeBlocks = (): number => {
    const { result } = post<Coverage>('Profiler.takePreciseCoverage');
    const own = result.filter(({ url }) => url.includes('/libs/markup/src/'));
    const ranges = own.flatMap(({ functions }) => functions.flatMap((found) => found.ranges));
    return ranges.reduce((sum, { count }) => sum + count, 0);
  };
  const counter = countSearches();
  try {
    // Optimised code does not count.
    for (const compiler of ['opt', 'maglev', 'sparkplug']) setFlagsFromString(`--no-${compiler}`);
    post('Profiler.enable');
    post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    // V8 counts in a function from its first calls on.
    works.forEach((work) => work());
    takeBlocks();
    counter.start();
    return works.map((work) => {
      work();
      return { blocks: takeBlocks(), searched: counter.take() };
    });
  } finally {
    counter.stop();
    session.disconnect();
    for (const compiler of ['opt', 'maglev', 'sparkplug']) setFlagsFromString(`--${compiler}`);
  }
}

interface Coverage {
  result: { url: string; functions: { ranges: { count: number }[] }[] }[];
}

function countSearches() {
  const original = String.prototype.indexOf;
  let searched = 0;
  return {
    start: () => {
      String.prototype.indexOf = function (this: string, wanted: string, from = 0): number {
        const found = original.call(this, wanted, from);
        searched += (found < 0 ? this.length : found) - from;
        return found;
      };
    },
    stop: () => {
      String.prototype.indexOf = original;
    },
    take: () => {
      const taken = searched;
      searched = 0;
      return taken;
    },
  };
}
