// Plain JavaScript that any Node >= 20 can read: runs a TypeScript program under Node 24, which strips types by
// itself. Node 24 comes from the npm package `node` when the Node that started us is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import module, { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Imports `program` here under Node >= 24, else runs it in a child process and ends as the child ends. */
export async function startWithNode24(program) {
  if (Number(process.versions.node.split('.')[0]) >= 24) {
    keepCompiledCode();
    await import(program.href);
    return;
  }
  const child = spawn(findNode24(), [fileURLToPath(program), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal);
    } else process.exit(code ?? 2);
  });
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
  console.error(`Gristmill needs Node 24, this is ${process.version}.`);
  console.error(
    '  hint: install Node 24 or newer, or run `npm install` where Gristmill is: it brings Node 24 along',
  );
  console.error('  code: node-too-old');
  process.exit(2);
}
