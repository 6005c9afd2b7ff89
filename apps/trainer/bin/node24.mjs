// Plain JavaScript that any Node >= 20 can read: runs a TypeScript program under Node 24, which strips types by
// itself. Node 24 comes from the npm package `node` when the Node that started us is older; it then runs in a child
// that gets our signals, gives us its exit code, and ends with us, however we end.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { constants, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

/** Set for the child alone: the number of the pipe whose other end is ours. */
const pipeVariable = 'GRISTMILL_LAUNCHER_PIPE';
const pipe = 3;

/** Imports `program` here under Node >= 24, else starts the same command line under Node 24 and ends as it ends. */
export async function startWithNode24(program) {
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    if (process.env[pipeVariable]) endWithLauncher();
    keepCompiledCode();
    await import(program.href);
    return;
  }
  const child = spawn(findNode24(), process.argv.slice(1), {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, [pipeVariable]: String(pipe) },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => child.kill(signal));
  }
  child.on('error', (error) => fail('node-not-started', `Node 24 cannot be started: ${error.message}`));
  child.on('exit', (code, signal) => (signal ? endBy(signal) : process.exit(code ?? 2)));
}

function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // Still here: whoever started us has it ignored.
  process.exit(128 + constants.signals[signal]);
}

// On a thread of its own, for the program may compute for long without looking up.
function endWithLauncher() {
  delete process.env[pipeVariable];
  const watch = `
    const pipe = new (require('node:net').Socket)({ fd: ${pipe} });
    pipe.resume().on('error', () => {}).on('close', () => process.kill(process.pid, 'SIGKILL'));`;
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

// The program and each of its threads start in half the time once Node keeps what it compiled.
function keepCompiledCode() {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  process.env.NODE_COMPILE_CACHE ??= join(caches, 'gristmill', 'compiled'); // threads go by the environment
  module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
}

// From the package `node` of a checkout, or the one for this machine that comes with an installed Gristmill.
function findNode24() {
  const { resolve } = createRequire(import.meta.url);
  for (const name of [
    'node',
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
  ]) {
    try {
      const program = join(dirname(resolve(`${name}/package.json`)), 'bin', 'node');
      const found = [program, `${program}.exe`].find((file) => existsSync(file));
      if (found) return found;
    } catch {
      // the next
    }
  }
  return fail('node-too-old', `Gristmill needs Node 24, this is ${process.version}.`);
}

function fail(code, sentence) {
  console.error(sentence);
  console.error(
    '  hint: install Node 24 or newer, or run `npm install` where Gristmill is: it brings Node 24 along',
  );
  console.error(`  code: ${code}`);
  process.exit(2);
}
