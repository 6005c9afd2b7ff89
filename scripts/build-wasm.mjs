// Compiles every libs/*/assembly/NAME.ts (AssemblyScript) to libs/*/src/NAME.wasm.
// The first line of a source names its compiler flags: `// asc: --enable simd`. It may import files of folders beside it.
import { readFileSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const root = fileURLToPath(new URL('..', import.meta.url));
const fixedFlags = ['-O3', '--noAssert', '--runtime', 'stub', '--converge'];

/** Compiles one source; returns the bytes of the module. */
export async function compileWasm(sourcePath) {
  const text = await readFile(sourcePath, 'utf8');
  const flags = /^\/\/ asc:(.*)$/m.exec(text)?.[1].trim().split(/\s+/).filter(Boolean) ?? [];
  let bytes;
  let messages = '';
  const { error } = await asc.main(['entry.ts', '-o', 'out.wasm', ...fixedFlags, ...flags], {
    readFile: (name) => (name === 'entry.ts' ? text : readBeside(sourcePath, name)),
    writeFile: (name, data) => void (name === 'out.wasm' && (bytes = data)),
    listFiles: () => [],
    stderr: { write: (chunk) => void (messages += chunk) },
    stdout: { write: () => {} },
  });
  if (error || !bytes) throw new Error(`${sourcePath}: ${messages || error?.message}`);
  return bytes;
}

function readBeside(sourcePath, name) {
  try {
    return readFileSync(join(dirname(sourcePath), name), 'utf8');
  } catch {
    return null;
  }
}

/** Pairs of source and compiled file in the workspace. */
export async function listWasm() {
  const pairs = [];
  for (const lib of await readdir(join(root, 'libs'))) {
    const folder = join(root, 'libs', lib, 'assembly');
    for (const name of await readdir(folder).catch(() => [])) {
      if (name.endsWith('.ts'))
        pairs.push({
          source: join(folder, name),
          target: join(root, 'libs', lib, 'src', name.replace(/\.ts$/, '.wasm')),
        });
    }
  }
  return pairs;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const only = process.argv.slice(2);
  for (const { source, target } of await listWasm()) {
    if (only.length > 0 && !only.some((part) => source.includes(part))) continue;
    await writeFile(target, await compileWasm(source));
    console.log(target.slice(root.length));
  }
}
