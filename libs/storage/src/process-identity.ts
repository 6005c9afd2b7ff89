// Which process somebody is, so that another can tell whether it still lives. Process numbers mean something only
// within one PID namespace of one running kernel: containers of one machine may well share a host name.

import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessIdentity {
  /** For people; tells nothing for sure. */
  readonly host: string;
  /** Of this start of the kernel, and of the PID namespace; absent where the system has no such thing. */
  readonly boot?: string;
  readonly namespace?: string;
  readonly pid: number;
  /** When it started, in the kernel's own words: tells a process from a later one of the same number. */
  readonly started: string;
}

export function thisProcess(): ProcessIdentity {
  return { host: hostname(), ...space(), pid: process.pid, started: startedAt(process.pid) ?? '' };
}

/** Whether this process can see the other one's number: else only a sign of life tells. */
export function isNear(other: ProcessIdentity): boolean {
  const { boot, namespace } = space();
  if (other.boot === undefined) return other.host === hostname();
  return other.boot === boot && other.namespace === namespace;
}

/** Only of one that is near. */
export function isRunning({ pid, started }: ProcessIdentity): boolean {
  return startedAt(pid) === started;
}

const space = (): { boot?: string; namespace?: string } => {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { boot, namespace: /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] };
  } catch {
    return {};
  }
};

/** Undefined when no such process runs. */
function startedAt(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return process.platform === 'linux' ? undefined : answers(pid);
  }
}

function answers(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return undefined;
  }
}
