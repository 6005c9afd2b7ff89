// Resident memory of this process, its threads included, while a build works: the peak of each of its steps, looked at a
// few times a second.
import type { Progress } from '@gristmill/corpus';

export interface MemoryWatch {
  readonly progress: Progress;
  /** @returns step → peak in MB */
  stop(): Record<string, number>;
}

const everyMs = 200;

export function watchMemory(): MemoryWatch {
  const peaks: Record<string, number> = {};
  let step = 'start';
  const look = () => {
    peaks[step] = Math.max(peaks[step] ?? 0, Math.round(process.memoryUsage.rss() / 2 ** 20));
  };
  const timer = setInterval(look, everyMs).unref();
  return {
    progress: {
      advance() {},
      end() {},
      show() {},
      say() {},
      begin(label) {
        look();
        step = label;
        process.stderr.write(`${label}\n`);
        look();
      },
    },
    stop() {
      look();
      clearInterval(timer);
      return peaks;
    },
  };
}
