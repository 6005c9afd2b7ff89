// What both programs say beside their work: quiet, verbose, and what a shell asks for.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../..');
const programs = { gristmill: 'apps/cli', 'gristmill-trainer': 'apps/trainer' };

function run(program: keyof typeof programs, ...words: string[]) {
  const file = join(repository, programs[program], 'bin', `${program}.mjs`);
  return new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [file, ...words], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

test('--quiet leaves errors alone on stderr, --verbose adds where they arose', async () => {
  const plain = await run('gristmill', 'status', '/nowhere');
  expect(await run('gristmill', 'status', '/nowhere', '--quiet')).toEqual(plain);
  const verbose = await run('gristmill', 'status', '/nowhere', '--verbose');
  expect(verbose.stderr).toMatch(/code: no-corpus\n.*\n\s+at /);
  const wrong = await run('gristmill-trainer', 'train', '--quiet', '--nope');
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('hint: see') });
});

test('--quiet says nothing of what went well', async () => {
  const words = ['warc', join(repository, 'package.json')];
  const loud = await run('gristmill', ...words);
  expect(loud.stderr).not.toBe('');
  expect(await run('gristmill', ...words, '--quiet')).toMatchObject({ code: loud.code, stdout: loud.stdout });
});

test('a shell completes commands and their options', async () => {
  const names = (text: string) => text.split('\n').map((line) => line.split('\t', 1)[0]);
  expect(names((await run('gristmill', 'complete', '--', 'ex')).stdout)).toEqual(
    expect.arrayContaining(['explain', 'export', 'extract']),
  );
  expect(names((await run('gristmill', 'complete', '--', 'run', '--c')).stdout)).toContain('--corpus');
  expect(names((await run('gristmill-trainer', 'complete', '--', 'tr')).stdout)).toContain('train');
  const script = await run('gristmill', 'completion', 'bash');
  expect(script).toMatchObject({ code: 0, stdout: expect.stringContaining('complete') });
});
