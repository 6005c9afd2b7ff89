// Runs before each npm script: installs the packages when some that package-lock.json asks for are missing or of another
// version, whoever installed what is there. Plain JavaScript without dependencies, for any Node >= 20. `.npmrc` silences
// npm, whose banner would stand on standard output before a program's own; an installation that fails says why all the same.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if (!isInstalled()) {
  console.error('Installing packages (once, about a minute) …');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0 || !hasNode24()) {
    console.error('The packages could not be installed.');
    console.error('  hint: npm says why above; Gristmill needs Node >= 20 and npm 10 to 12');
    console.error('  code: install-failed');
    process.exit(2);
  }
}

/** npm writes what it installed into node_modules/.package-lock.json; packages for other machines are optional. */
function isInstalled() {
  const wanted = packagesOf(`${root}package-lock.json`);
  const present = packagesOf(`${root}node_modules/.package-lock.json`);
  return (
    present !== undefined &&
    hasNode24() &&
    Object.entries(wanted).every(
      ([path, { version, optional, link }]) =>
        !path.includes('node_modules/') || optional || link || present[path]?.version === version,
    )
  );
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

function hasNode24() {
  return existsSync(`${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`);
}
