// Packs what tests/gpu/run.sh needs into one archive: Node compressed, this program's sources, koffi's add-on for Linux and
// the npm packages that are loaded. A machine with a GPU then needs no Node and no npm.
//   node tests/gpu/pack.mjs OUT.tar.xz
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const out = resolve(process.argv[2] ?? 'gristmill-gpu.tar.xz');
const most = 64 * 2 ** 20;

const used = await findFiles();
const folder = mkdtempSync(join(tmpdir(), 'gristmill-pack-'));
const put = (path) =>
  cpSync(join(root, path), join(folder, 'app', path), { recursive: true, verbatimSymlinks: true });
const workspaces = new Set([...used.workspaces, 'libs/tensor', 'apps/trainer']);
for (const workspace of workspaces) {
  put(`${workspace}/src`);
  put(`${workspace}/package.json`);
  const link = `node_modules/@gristmill/${workspace.split('/')[1]}`;
  mkdirSync(join(folder, 'app/node_modules/@gristmill'), { recursive: true });
  put(link);
}
for (const name of used.packages) if (name !== 'koffi') put(`node_modules/${name}`);
const koffi = ['index.js', 'indirect.js', 'package.json', 'lib', 'src/koffi'].map(
  (path) => `node_modules/koffi/${path}`,
);
for (const path of koffi) if (exists(join(root, path))) put(path);
const addOns = 'node_modules/@koromix';
if (exists(join(root, addOns))) put(addOns);
for (const path of ['tests/gpu', 'package.json']) put(path);
cpSync(realpathSync(process.execPath), join(folder, 'node'));
execFileSync('strip', [join(folder, 'node')]);
cpSync(join(root, 'tests/gpu/run.sh'), join(folder, 'run.sh'));
execFileSync('tar', ['-C', folder, '-cJf', out, '.'], { env: { ...process.env, XZ_OPT: '-3' } });
rmSync(folder, { recursive: true });
const { size } = statSync(out);
console.log(JSON.stringify({ out, mebibytes: Number((size / 2 ** 20).toFixed(1)) }));
if (size > most) throw new Error(`the archive has ${size} bytes, and ${most} are the most`);

/** Which workspaces and packages the program loads. */
async function findFiles() {
  const files = new Set();
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      if (found.url.startsWith('file:')) files.add(relative(root, fileURLToPath(found.url)));
      return found;
    },
  });
  await import('../../apps/trainer/src/index.ts');
  hooks.deregister();
  const workspaces = new Set();
  const packages = new Set();
  for (const file of files) {
    const [top, first, second] = file.split('/');
    if (top === 'libs' || top === 'apps') workspaces.add(`${top}/${first}`);
    if (top === 'node_modules') packages.add(first.startsWith('@') ? `${first}/${second}` : first);
  }
  return { workspaces, packages };
}

function exists(path) {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
