// `npm run …` in a checkout: installs what is missing, once, says why when it cannot, and keeps standard output clean.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let checkout: string;
beforeAll(async () => {
  checkout = await mkdtemp(join(tmpdir(), 'gristmill-install-'));
  await mkdir(join(checkout, 'scripts'));
  await cp(join(root, 'scripts/ensure-installed.mjs'), join(checkout, 'scripts/ensure-installed.mjs'));
  // A registry that nobody answers for.
  const npmrc = `${await readFile(join(root, '.npmrc'), 'utf8')}registry=http://127.0.0.1:9/\nfetch-retries=0\n`;
  await writeFile(join(checkout, '.npmrc'), npmrc);
  const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const { pregristmill, setup } = scripts;
  const json = { name: 'x', version: '1.0.0', dependencies: { 'no-such': '1.0.0' } };
  await writeFile(
    join(checkout, 'package.json'),
    JSON.stringify({ ...json, scripts: { setup, pregristmill, gristmill: 'node -p 42' } }),
  );
  const packages = {
    '': json,
    'node_modules/no-such': { version: '1.0.0', resolved: 'http://127.0.0.1:9/a.tgz' },
  };
  await writeFile(
    join(checkout, 'package-lock.json'),
    JSON.stringify({ name: 'x', version: '1.0.0', lockfileVersion: 3, requires: true, packages }),
  );
});
afterAll(() => rm(checkout, { recursive: true }));

function npm(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, npm_config_cache: join(checkout, '.cache') };
  return new Promise((done) => {
    execFile('npm', words, { cwd: checkout, env }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

test('a failed installation says why, and nothing on standard output', async () => {
  const { code, out, err } = await npm('run', 'gristmill');
  expect(code).not.toBe(0);
  expect(out).toBe('');
  expect(err).toMatch(/npm error [\s\S]*ECONNREFUSED[\s\S]*code: install-failed/);
});

test('so does setup, and npm where it is let speak', async () => {
  const { code, out, err } = await npm('run', 'setup');
  expect([code !== 0, out]).toEqual([true, '']);
  expect(err).toMatch(/npm error [\s\S]*ECONNREFUSED[\s\S]*code: install-failed/);
  expect((await npm('install', '--loglevel=error')).err).toMatch(/npm error [\s\S]*ECONNREFUSED/);
});

test('a package that is not what the lock promises is told', async () => {
  const tarball = Buffer.from('not what was promised');
  const server = createServer((_, answer) => answer.end(tarball)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const resolved = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.tgz`;
  const file = join(checkout, 'package-lock.json');
  const before = await readFile(file, 'utf8');
  const lock = JSON.parse(before) as { packages: Record<string, object> };
  const integrity = `sha512-${createHash('sha512').update('promised').digest('base64')}`;
  lock.packages['node_modules/no-such'] = { version: '1.0.0', resolved, integrity };
  await writeFile(file, JSON.stringify(lock));
  const { code, err } = await npm('run', 'setup', '--replace-registry-host=never');
  server.close();
  await writeFile(file, before);
  expect(code).not.toBe(0);
  expect(err).toMatch(/npm error [\s\S]*EINTEGRITY[\s\S]*code: install-failed/);
});

test('what any npm installed is not installed again, and the answer stands alone on standard output', async () => {
  await mkdir(join(checkout, 'node_modules/node/bin'), { recursive: true });
  await writeFile(join(checkout, 'node_modules/node/bin/node'), '');
  const lock = JSON.parse(await readFile(join(checkout, 'package-lock.json'), 'utf8')) as {
    packages: object;
  };
  await writeFile(
    join(checkout, 'node_modules/.package-lock.json'),
    JSON.stringify({ packages: lock.packages }),
  );
  const { code, out, err } = await npm('run', 'gristmill');
  expect(code, err).toBe(0);
  expect(out).toBe('42\n');
  expect(err).toBe('');
});
