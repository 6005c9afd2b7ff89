// Runs before the npm scripts that a newcomer types first: installs the packages when they are missing or older
// than package-lock.json. Plain JavaScript without dependencies, for any Node >= 20.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = `${root}node_modules/.gristmill-installed`;
const digest = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex');

if (!isInstalled()) {
  console.error('Installing packages (once, about a minute) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0 || !existsSync(node24())) {
    console.error('The packages could not be installed.');
    console.error('  hint: run `npm ci` and read what it says; Gristmill needs Node >= 20 and npm 10 to 12');
    console.error('  code: install-failed');
    process.exit(2);
  }
  writeFileSync(stamp, digest);
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === digest && existsSync(node24());
}

function node24() {
  return `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
}
