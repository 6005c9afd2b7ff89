// Makes what is published, into dist/: for every workspace under libs/ and apps/ its JavaScript, declarations, data files,
// LICENSE and README in dist/packages/NAME and a tarball beside it, and the package `gristmill` that brings them all.
//   node scripts/package.mjs
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
const out = join(root, 'dist');
const compiled = join(out, 'compiled');
const staged = join(out, 'packages');
const rootPackage = readJson(join(root, 'package.json'));

/** For programs that an older Node starts; without an installation script, which npm may refuse to run. */
const node24 = Object.fromEntries(
  ['linux-x64', 'linux-arm64', 'win-x64'].map((machine) => [
    `node-${machine}`,
    rootPackage.dependencies.node,
  ]),
);

rmSync(out, { recursive: true, force: true });
const workspaces = ['libs', 'apps'].flatMap((top) =>
  readdirSync(join(root, top))
    .map((name) => join(root, top, name))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, json: readJson(join(folder, 'package.json')) })),
);
const versions = new Map(workspaces.map(({ json }) => [json.name, json.version]));

compile();
const packages = [...workspaces.map(stageWorkspace), stageProduct()];
pack(packages);
rmSync(compiled, { recursive: true });
console.error(`${packages.length} packages in ${relative(process.cwd(), out) || '.'}`);

/** One program over all workspaces: each import of another one resolves to its source. */
function compile() {
  const base = ts.readConfigFile(join(root, 'tsconfig.base.json'), ts.sys.readFile).config.compilerOptions;
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      ...base,
      composite: false,
      incremental: false,
      emitDeclarationOnly: false,
      tsBuildInfoFile: undefined,
      target: 'esnext',
      rewriteRelativeImportExtensions: true,
      rootDir: root,
      typeRoots: [join(root, 'node_modules/@types')],
      outDir: compiled,
      declaration: true,
      stripInternal: true,
    },
    root,
  );
  const files = workspaces.flatMap(({ folder }) =>
    ts.sys.readDirectory(join(folder, 'src'), ['.ts']).filter((file) => !file.includes('/.types/')),
  );
  const program = ts.createProgram(files, options);
  const { diagnostics } = program.emit();
  const all = [...errors, ...ts.getPreEmitDiagnostics(program), ...diagnostics];
  if (all.length === 0) return;
  console.error(ts.formatDiagnostics(all, ts.createCompilerHost(options)));
  process.exit(2);
}

function stageWorkspace({ folder, json }) {
  const target = join(staged, shortName(json.name));
  const source = join(folder, 'src');
  mkdirSync(target, { recursive: true });
  cpSync(join(compiled, relative(root, source)), join(target, 'dist'), { recursive: true });
  for (const file of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (!file.isFile() || (file.name.endsWith('.ts') && !file.name.endsWith('.d.ts'))) continue;
    const path = join(file.parentPath, file.name);
    cpSync(path, join(target, 'dist', relative(source, path)));
  }
  rewriteLocations(join(target, 'dist'));
  if (json.bin) {
    cpSync(join(folder, 'bin'), join(target, 'bin'), { recursive: true });
    rewritePrograms(join(target, 'bin'));
  }
  writePackage(target, {
    ...identity(json),
    exports: {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      ...(json.bin && { './bin/*': './bin/*' }),
      './package.json': './package.json',
    },
    types: './dist/index.d.ts',
    bin: json.bin,
    files: ['dist', ...(json.bin ? ['bin'] : [])],
    dependencies: ranges(json.dependencies),
    peerDependencies: json.peerDependencies,
    optionalDependencies: json.bin ? node24 : json.optionalDependencies,
  });
  writeFileSync(join(target, 'README.md'), readmeOf(json));
  return target;
}

/** `gristmill`: the programs under their names, and a Node that can run them where the installed one is older. */
function stageProduct() {
  const target = join(staged, 'gristmill');
  const programs = workspaces.filter(({ json }) => json.bin);
  mkdirSync(join(target, 'bin'), { recursive: true });
  const bin = {};
  for (const { json } of programs)
    for (const [name, file] of Object.entries(json.bin)) {
      bin[name] = `./bin/${name}.mjs`;
      const text = `#!/usr/bin/env node\nimport '${json.name}/${file.replace('./', '')}';\n`;
      writeFileSync(join(target, 'bin', `${name}.mjs`), text, { mode: 0o755 });
    }
  const { version, description, license, engines } = rootPackage;
  writePackage(target, {
    ...{ name: 'gristmill', version, description, license, type: 'module', engines },
    bin,
    files: ['bin', 'docs'],
    exports: { './package.json': './package.json' },
    dependencies: Object.fromEntries([...versions].sort().map(([name, own]) => [name, `^${own}`])),
  });
  cpSync(join(root, 'README.md'), join(target, 'README.md'));
  cpSync(join(root, 'docs'), join(target, 'docs'), { recursive: true });
  return target;
}

function pack(folders) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execFileSync(npm, ['pack', '--silent', '--pack-destination', out, ...folders], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

function identity({ name, version, description, license, type }) {
  return { name, version, description, license, type, engines: rootPackage.engines };
}

/** `*` is what a workspace says; the published range is the version that was built with. */
function ranges(dependencies = {}) {
  return Object.fromEntries(
    Object.entries(dependencies).map(([name, range]) => [
      name,
      versions.has(name) ? `^${versions.get(name)}` : range,
    ]),
  );
}

function writePackage(target, json) {
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(json, null, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(target, 'LICENSE'));
}

/** Threads and child processes are named by URL, which the compiler leaves as it is. */
function rewriteLocations(folder) {
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.js')) continue;
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const changed = text.replaceAll(
      /(new URL\(\s*['"]\.{1,2}\/[^'"]+)\.ts(['"],\s*import\.meta\.url)/g,
      '$1.js$2',
    );
    if (changed !== text) writeFileSync(path, changed);
    const left = /['"]\.{1,2}\/[^'"\n]*\.ts['"]/.exec(changed.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, ''));
    if (left) throw new Error(`${path} still names ${left[0]}`);
  }
}

function rewritePrograms(folder) {
  for (const file of readdirSync(folder)) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replaceAll(/\.\.\/src\/([\w-]+)\.ts/g, '../dist/$1.js'), { mode: 0o755 });
  }
}

function readmeOf({ name, description }) {
  return `# ${name}

${description}

A part of [Gristmill](https://www.npmjs.com/package/gristmill), which turns books, articles, web pages and posts into training
shards, and shards into a GPT. Its functions are typed and documented in \`dist/index.d.ts\`.

    npm install ${name}
`;
}

function shortName(name) {
  return name.replace('@gristmill/', '');
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
