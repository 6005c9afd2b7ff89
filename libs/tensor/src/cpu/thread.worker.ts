// A thread of the cpu executor: links programs as they are compiled, and does tasks of every run.

import { parentPort, workerData } from 'node:worker_threads';
import { linkPlan, type Addresses, type Linked } from './phases.ts';
import type { Plan } from './plan.ts';
import { workOff } from './tickets.ts';
import { instantiateKernels, type SharedMemory } from './wasm.ts';

export interface ThreadData {
  readonly controls: readonly Int32Array[];
  readonly memory: SharedMemory;
  readonly threads: number;
}

export type ThreadMessage =
  | { readonly link: number; readonly plan: Plan; readonly donate: Readonly<Record<string, string>> }
  | { readonly forget: number }
  | { readonly run: number; readonly executable: number; readonly addresses: Addresses };

export interface ThreadReply {
  readonly run: number;
  /** This thread finished the last task. */
  readonly isLast: boolean;
  readonly error?: string;
}

const { controls, memory, threads } = workerData as ThreadData;
const wasm = instantiateKernels(memory);
const scratchBytes = wasm.scratchBytes() as number;
const programs = new Map<number, Linked>();
const port = parentPort!;

port.on('message', (message: ThreadMessage) => {
  if ('link' in message)
    programs.set(
      message.link,
      linkPlan(message.plan, { wasm, memory, threads }, { scratchBytes, donate: message.donate }),
    );
  else if ('forget' in message) programs.delete(message.forget);
  else port.postMessage(runProgram(message));
});

function runProgram({ run, executable, addresses }: Extract<ThreadMessage, { run: number }>): ThreadReply {
  try {
    const { work, bind } = programs.get(executable) as Linked;
    bind(addresses);
    return { run, isLast: workOff(controls[run % controls.length], work) };
  } catch (error) {
    return { run, isLast: false, error: (error as Error).stack ?? String(error) };
  }
}

port.postMessage('ready');
