// The programs as an older Node starts them: a child under Node 24 that nobody is left with. Real processes.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type LocalServer } from '../http/local-server.ts';

const fileOf = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const program = fileOf('apps/cli/bin/gristmill.mjs');
const olderNode = ['/usr/bin/node', '/usr/local/bin/node'].find(isOlder);
if (!olderNode) console.log('skipped: no Node below 24 is installed here');

test('both programs start alike', () => {
  const [cli, trainer] = ['cli', 'trainer'].map((app) =>
    readFileSync(fileOf(`apps/${app}/bin/node24.mjs`), 'utf8'),
  );
  expect(cli).toBe(trainer);
});

describe.skipIf(!olderNode || process.platform !== 'linux')('under an older Node', () => {
  let folder: string;
  let silent: LocalServer;
  let asked: PromiseWithResolvers<void>;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gristmill-launcher-'));
    // Asks robots.txt and waits.
    silent = await startServer(() => asked.resolve());
  });
  afterAll(async () => {
    await silent[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  /** A crawl that waits for an answer. */
  async function startCrawl(name: string): Promise<{ launcher: ChildProcess; child: number }> {
    asked = Promise.withResolvers();
    const args = [program, 'crawl', `${silent.origin}/`, '--out', join(folder, name), '--allow-private'];
    // A process group of its own, as a terminal's job.
    const launcher = spawn(olderNode!, args, { stdio: 'ignore', detached: true });
    await asked.promise;
    return { launcher, child: childOf(launcher.pid!) };
  }

  test.each(['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)('no child outlives %s', async (signal) => {
    const { launcher, child } = await startCrawl(signal);
    launcher.kill(signal);
    const [code, killedBy] = (await once(launcher, 'exit')) as [number | null, string | null];
    const stops = signal === 'SIGTERM' || signal === 'SIGINT';
    expect([code, killedBy]).toEqual(stops ? [75, null] : [null, signal]);
    await untilGone(child);
  });

  test('a signal that reaches both, as from a terminal, stops in good order', async () => {
    const { launcher, child } = await startCrawl('group');
    process.kill(-launcher.pid!, 'SIGINT');
    expect(await once(launcher, 'exit')).toEqual([75, null]);
    await untilGone(child);
  });

  test('the launcher ends as its child ends', async () => {
    const { launcher, child } = await startCrawl('child');
    process.kill(child, 'SIGKILL');
    expect(await once(launcher, 'exit')).toEqual([null, 'SIGKILL']);
    const failing = spawn(olderNode!, [program, 'run', join(folder, 'none.ts')], { stdio: 'ignore' });
    expect(await once(failing, 'exit')).toEqual([2, null]);
    const asking = spawn(olderNode!, [program, '--version'], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [[version], end] = await Promise.all([once(asking.stdout!, 'data'), once(asking, 'exit')]);
    expect([String(version), end]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+\n$/), [0, null]]);
  });

  test('a child that never looks up ends too', async () => {
    const recipe = join(folder, 'endless.mjs');
    await writeFile(recipe, "process.stdout.write('computing\\n'); for (;;);");
    const launcher = spawn(olderNode!, [program, 'run', recipe], { stdio: ['ignore', 'pipe', 'ignore'] });
    await once(launcher.stdout!, 'data');
    const child = childOf(launcher.pid!);
    launcher.kill('SIGKILL');
    await untilGone(child);
  });
});

function isOlder(node: string): boolean {
  if (!existsSync(node)) return false;
  return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]) < 24;
}

function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim());
}

async function untilGone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`) && !/^State:\tZ/m.test(statusOf(pid))) await wait(10);
}

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return '';
  }
}
