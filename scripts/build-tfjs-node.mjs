// Builds the add-on of @tensorflow/tfjs-node (or, with --gpu, -node-gpu) against the TensorFlow of today, so that
// `--executor tfjs` runs on it: their own installation would download TensorFlow 2.9 (CUDA 11.2) from outside the registry.
//   node scripts/build-tfjs-node.mjs [--gpu] [--out FOLDER] [--python PYTHON]
// FOLDER (default ~/.cache/gristmill/tfjs-node, where gristmill-trainer looks) gets the npm packages, without their scripts,
// and, unless PYTHON has TensorFlow, a virtual environment with its wheel from PyPI. It needs npm, python3 and g++.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { gpu: { type: 'boolean', default: false }, out: { type: 'string' }, python: { type: 'string' } },
});
const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
const out = values.out ?? join(cache, 'gristmill', 'tfjs-node');
const name = values.gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
const wheel = values.gpu ? 'tensorflow[and-cuda]==2.21.0' : 'tensorflow-cpu==2.21.0';

/** Loads what was built, in a process of its own: the last line says of which TensorFlow it is. */
const check = `
  const util = require('node:util');
  util.isNullOrUndefined ??= (value) => value == null;
  util.isArray ??= Array.isArray;
  const tf = require(require('node:path').join(process.env.FOLDER, 'node_modules', process.env.NAME));
  const sum = tf.add(tf.tensor1d([1, 2]), 1).dataSync();
  if (sum[0] !== 2 || sum[1] !== 3) throw new Error('the add-on computes wrongly');
  console.log(JSON.stringify({ package: process.env.NAME, tensorflow: tf.backend().binding.TF_Version }));
`;

mkdirSync(out, { recursive: true });
if (!existsSync(join(out, 'package.json'))) writeFileSync(join(out, 'package.json'), '{ "private": true }\n');
const tensorflow = findTensorFlow(values.python) ?? installTensorFlow();
say(`npm packages, without their scripts, into ${out}`);
run(
  'npm',
  [
    'install',
    '--prefix',
    out,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    `${name}@4.22.0`,
    'node-api-headers@1',
  ],
  {
    cwd: out,
  },
);
say(`${name}'s add-on against ${tensorflow}`);
const addOn = build();
say(`built ${addOn}`);
console.log(
  execFileSync(process.execPath, ['-e', check], {
    env: { ...process.env, FOLDER: out, NAME: name, TF_CPP_MIN_LOG_LEVEL: '2' },
    encoding: 'utf8',
  }).trim(),
);

/** The folder of the Python package, which holds libraries and headers. */
function findTensorFlow(python) {
  if (python === undefined) return undefined;
  const program =
    'import importlib.util as u; s = u.find_spec("tensorflow"); print(s.submodule_search_locations[0] if s else "")';
  const folder = execFileSync(python, ['-c', program], { encoding: 'utf8' }).trim();
  if (folder) return folder;
  throw new Error(`${python} has no TensorFlow: install ${wheel} there, or leave --python out`);
}

/** For a CPU the library alone: what Python needs of it is nothing to us. */
function installTensorFlow() {
  const environment = join(out, values.gpu ? 'python-gpu' : 'python');
  if (!existsSync(join(environment, 'complete'))) {
    say(`${wheel} from PyPI into ${environment}`);
    run('python3', ['-m', 'venv', environment]);
    const python = join(environment, 'bin', 'python');
    run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      ...(values.gpu ? [] : ['--no-deps']),
      wheel,
    ]);
    writeFileSync(join(environment, 'complete'), '');
  }
  const [version] = readdirSync(join(environment, 'lib')).filter((one) => one.startsWith('python'));
  return join(environment, 'lib', version, 'site-packages', 'tensorflow');
}

function build() {
  const folder = join(out, 'node_modules', name);
  const target = join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
  mkdirSync(dirname(target), { recursive: true });
  // CUDA's libraries lie beside TensorFlow, each in a folder of its own.
  const nvidia = join(dirname(tensorflow), 'nvidia');
  const cuda = existsSync(nvidia)
    ? readdirSync(nvidia)
        .map((part) => join(nvidia, part, 'lib'))
        .filter(existsSync)
    : [];
  run('g++', [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', '-w', '-DNAPI_VERSION=8', '-o', target],
    ...['tfjs_backend.cc', 'tfjs_binding.cc'].map((file) => join(folder, 'binding', file)),
    ...[join(out, 'node_modules/node-api-headers/include'), join(tensorflow, 'include'), folder].map(
      (one) => `-I${one}`,
    ),
    ...[`-L${tensorflow}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...[tensorflow, ...cuda].map((one) => `-Wl,-rpath,${one}`),
  ]);
  return target;
}

function run(command, args, options) {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'], ...options });
}

function say(text) {
  console.error(text);
}
