// CPU time of each thread of this process (Linux: /proc/self/task), phase by phase: what two idle cores would need, however
// busy the machine is that measures. A phase takes as long as its busiest thread, and at least half of its CPU time.
import { readdirSync, readFileSync } from 'node:fs';
import type { Progress } from '@gristmill/corpus';

export interface PhaseTime {
  readonly phase: string;
  /** CPU seconds of all threads, and of the busiest. */
  readonly total: number;
  readonly busiest: number;
}

const ticksPerSecond = 100;

/** Thread → CPU seconds. */
function threadTimes(): Map<string, number> {
  const times = new Map<string, number>();
  for (const thread of readdirSync('/proc/self/task')) {
    try {
      const stat = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      times.set(thread, (Number(fields[11]) + Number(fields[12])) / ticksPerSecond);
    } catch {
      // It has ended.
    }
  }
  return times;
}

export function watchThreads(): { readonly progress: Progress; stop(): PhaseTime[] } {
  const phases: PhaseTime[] = [];
  let [phase, before] = ['start', threadTimes()];
  const close = (next: string) => {
    const after = threadTimes();
    const spent = [...after].map(([thread, seconds]) => seconds - (before.get(thread) ?? 0));
    const total = spent.reduce((sum, seconds) => sum + seconds, 0);
    phases.push({ phase, total, busiest: Math.max(...spent) });
    [phase, before] = [next, after];
  };
  return {
    progress: {
      advance() {},
      end() {},
      show() {},
      say() {},
      begin: (label) => close(label),
    },
    stop() {
      close('');
      return phases;
    },
  };
}

/** Wall seconds on `cores` idle cores. */
export function leastWall(phases: readonly PhaseTime[], cores: number): number {
  return phases.reduce((sum, { total, busiest }) => sum + Math.max(busiest, total / cores), 0);
}
