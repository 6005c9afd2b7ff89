// Commands of one program, one after another in one process: what a test has to say about them seldom depends on how a
// process starts, and the start is most of what they cost. Those that do start one each: tests/cli/talk.slow.test.ts.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface KeptProgram {
  /** Runs one command in a folder, after those that were asked for before; `input` is what its stdin gives. */
  run(words: readonly string[], place?: { cwd?: string; input?: string }): Promise<Answer>;
  close(): void;
}

/** `gristmill` (`cli`) or `gristmill-trainer` (`trainer`). */
export function keepProgram(app: 'cli' | 'trainer'): KeptProgram {
  const child = fork(fileURLToPath(new URL('kept-program-child.ts', import.meta.url)), [app], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let before: Promise<unknown> = Promise.resolve();
  return {
    run(words, { cwd = process.cwd(), input = '' } = {}) {
      const answer = before.then(
        () =>
          new Promise<Answer>((resolve, reject) => {
            const ended = (code: number | null) => reject(new Error(`the program ended with ${code}`));
            child.once('exit', ended).once('message', (message) => {
              child.off('exit', ended);
              resolve(message as Answer);
            });
            child.send({ words, cwd, input });
          }),
      );
      before = answer.catch(() => undefined);
      return answer;
    },
    close: () => void child.kill(),
  };
}
