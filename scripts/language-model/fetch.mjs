// Fetches what the language model is trained from, and unpacks what is read of it.
//   node scripts/language-model/fetch.mjs WORK
// Debian packages by name, version and SHA-256 (debian-packages.txt), with apt-get and dpkg-deb; wordfreq's lists with pip.
// A package whose bytes differ from the recorded ones stops it.

import { createHash } from 'node:crypto';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [work] = process.argv.slice(2);
const wordfreq = {
  name: 'wordfreq',
  version: '3.1.1',
  sha256: '4b1c6ecffc6198be3396d5cf871c4423ca71c907c231348d352dd54d62b97473',
};
const wanted = ['*/LC_MESSAGES/*', '*.xpi', '*/i18n/*.json', '*.traineddata', '*/hunspell/*.dic'];

const digest = (path) => createHash('sha256').update(readFileSync(path)).digest('hex');

function check(path, sha256) {
  if (digest(path) !== sha256) throw new Error(`${path} is not the file that was recorded`);
}

const packages = readFileSync(new URL('./debian-packages.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(' '));
const archives = join(work, 'deb');
mkdirSync(archives, { recursive: true });
for (let i = 0; i < packages.length; i += 40) {
  const names = packages.slice(i, i + 40).map(([name, version]) => `${name}=${version}`);
  execFileSync('apt-get', ['download', '--quiet', ...names], { cwd: archives, stdio: 'inherit' });
}
const files = readdirSync(archives);
for (const [name, , sha256] of packages) {
  const archive = join(
    archives,
    files.find((file) => file.startsWith(`${name}_`)),
  );
  check(archive, sha256);
  const folder = join(work, 'x', name);
  if (existsSync(folder)) continue;
  mkdirSync(folder, { recursive: true });
  const tar = spawnSync('dpkg-deb', ['--fsys-tarfile', archive], { maxBuffer: 1 << 30 }).stdout;
  // Patterns that match nothing in this package are no error.
  spawnSync('tar', ['-x', '-C', folder, '--wildcards', ...wanted], { input: tar });
}

const wheel = `wordfreq-${wordfreq.version}-py3-none-any.whl`;
const lists = join(work, 'pypi');
mkdirSync(lists, { recursive: true });
execFileSync('pip', ['download', '--quiet', '--no-deps', '--dest', lists, `wordfreq==${wordfreq.version}`]);
check(join(lists, wheel), wordfreq.sha256);
execFileSync('unzip', ['-q', '-o', join(lists, wheel), '-d', join(lists, 'x/wordfreq')]);
