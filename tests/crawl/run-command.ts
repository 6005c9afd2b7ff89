// Runs `gristmill` in a child process, as a user would.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';

export const program = resolve('apps/cli/src/main.ts');

export interface Result {
  readonly code: number;
  /** Standard output as JSON lines. */
  readonly lines: unknown[];
  readonly stderr: string;
}

export function gristmill(...args: string[]): Promise<Result> {
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], { maxBuffer: 1e8 }, (error, stdout, stderr) => {
      const lines = stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown);
      done({ code: typeof error?.code === 'number' ? error.code : 0, lines, stderr });
    });
  });
}
