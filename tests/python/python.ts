// Finds a Python that has the given modules, for cross-checks against programs that we did not write.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * The interpreter of tests/python/setup.sh, or `python3` on the PATH, when it imports every one of `modules`.
 * @returns its path, or undefined: skip the test and say what is missing
 */
export function findPython(modules: readonly string[] = []): string | undefined {
  return candidates().find((python) => imports(python, modules));
}

/** Runs a Python program given as text; standard output as a string. The program's failure is thrown. */
export function runPython(
  python: string,
  program: string,
  args: readonly string[] = [],
  input?: string,
): string {
  return execFileSync(python, ['-c', program, ...args], {
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 30,
    env: { ...process.env, HF_HUB_OFFLINE: '1', TOKENIZERS_PARALLELISM: 'false', PYTHONHASHSEED: '0' },
  });
}

function candidates(): string[] {
  const requirements = readFileSync(new URL('./requirements.txt', import.meta.url));
  const key = createHash('sha256').update(requirements).digest('hex').slice(0, 12);
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const ours = join(cache, 'gristmill', `python-${key}`);
  return [...(existsSync(join(ours, 'complete')) ? [join(ours, 'bin/python')] : []), 'python3'];
}

function imports(python: string, modules: readonly string[]): boolean {
  try {
    execFileSync(python, ['-c', modules.map((name) => `import ${name}`).join('\n')], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
