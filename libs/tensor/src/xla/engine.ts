// The process in which XLA runs, seen from the program that needs it: questions, answers, and what its death means.

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { DataError } from '@gristmill/core';
import type { Answer, Answers, Ask, Question } from './messages.ts';

export interface Engine {
  ask<Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>): Promise<Answers[Kind]>;
  /** Asks without waiting; to a process that is gone it says nothing. */
  tell(ask: Ask): void;
  end(): Promise<void>;
}

/** Of what the plugin prints, kept for the message of its death. */
const keptCharacters = 4096;

export function startEngine(): Engine {
  const child = fork(new URL('./engine.process.ts', import.meta.url), {
    execArgv: [], // those of a parent that was given its program by -e would start it again
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let printed = '';
  let death: DataError | undefined;
  let asked = 0;
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-keptCharacters);
  });
  child.on('message', ({ id, value, error }: Answer) => {
    const answer = waiting.get(id);
    waiting.delete(id);
    if (error) answer?.reject(revive(error));
    else answer?.resolve(value);
  });
  // Its end counts when its last words are read. ('close' would say so, but not after a disconnect.)
  const ended = Promise.all([once(child, 'exit'), once(child.stderr!, 'close')]).then(([[code, signal]]) => {
    death = new DataError(
      'engine-died',
      `the process in which XLA runs ended (${signal ?? `exit code ${code}`}): ${lastLine(printed)}`,
      'what was saved stands: run again, or use another executor (--executor cpu)',
    );
    for (const answer of waiting.values()) answer.reject(death);
    waiting.clear();
  });
  const send = (ask: Ask) => {
    if (child.connected) child.send({ id: ++asked, ask } satisfies Question);
    else if (death) throw death;
    return asked;
  };
  return {
    ask<Kind extends Ask['kind']>(ask: Extract<Ask, { kind: Kind }>) {
      const answer = Promise.withResolvers<unknown>();
      if (death) throw death;
      waiting.set(send(ask), answer);
      return answer.promise as Promise<Answers[Kind]>;
    },
    tell(ask) {
      if (!death) send(ask);
    },
    async end() {
      if (death) return;
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}

function revive({ message, code, hint }: NonNullable<Answer['error']>): Error {
  return code !== undefined && hint !== undefined ? new DataError(code, message, hint) : new Error(message);
}

/** Of what was printed the last line that is no mere note. */
function lastLine(text: string): string {
  const lines = text.trim().split('\n');
  return lines.findLast((line) => !/^[IW]\d{4} /.test(line))?.slice(0, 500) || 'it said nothing';
}
