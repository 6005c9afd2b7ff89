// The process of kept-program.ts: imports main.ts anew for each command, with its words, and returns what it wrote.
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

interface Asked {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly input: string;
}

const main = new URL(`../apps/${process.argv[2]}/src/main.ts`, import.meta.url);
let asked = 0;
let written = { stdout: '', stderr: '' };
let code: number | undefined;

for (const name of ['stdout', 'stderr'] as const)
  process[name].write = ((bytes: string | Uint8Array, ...rest: unknown[]) => {
    // Nothing is heard of a program after its exit.
    if (code === undefined)
      written[name] += typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString();
    const done = rest.at(-1);
    if (typeof done === 'function') process.nextTick(done as () => void);
    return true;
  }) as typeof process.stdout.write;

process.exit = ((wanted?: number) => {
  code ??= Number(wanted ?? process.exitCode ?? 0);
  throw new Error('exit');
}) as typeof process.exit;

process.on('message', ({ words, cwd, input }: Asked) => {
  written = { stdout: '', stderr: '' };
  code = undefined;
  process.exitCode = undefined;
  process.argv = [process.execPath, fileURLToPath(main), ...words];
  process.chdir(cwd);
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(input)]), configurable: true });
  void import(`${main.href}?${asked++}`).then(() =>
    process.send!({ code: code ?? Number(process.exitCode ?? 0), ...written }),
  );
});
