// TensorFlow's own library under TensorFlow.js: the packages @tensorflow/tfjs-node and -node-gpu. Their installation would
// download from outside the registry, so scripts/build-tfjs-node.mjs installs them without its scripts into a folder of its
// own and builds their add-on against TensorFlow's Python package; they are looked for there, and beside this program.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { DataError } from '@gristmill/core';
import { openTfjsExecutor, type Executor, type TfjsOptions } from '@gristmill/tensor';

export const tfjsNodePackages = ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu'] as const;
type TfjsNodePackage = (typeof tfjsNodePackages)[number];

export interface FoundTfjsNode {
  readonly folder: string;
  /** Whether its add-on is there; without it only JavaScript was installed. */
  readonly isBuilt: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where scripts/build-tfjs-node.mjs puts them unless told otherwise. GRISTMILL_TFJS_NODE names another folder. */
export function tfjsNodeFolder(environment: Environment = process.env): string {
  const cache = environment.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return environment.GRISTMILL_TFJS_NODE ?? join(cache, 'gristmill', 'tfjs-node');
}

export function findTfjsNode(
  name: TfjsNodePackage,
  environment: Environment = process.env,
): FoundTfjsNode | undefined {
  const places = [join(tfjsNodeFolder(environment), 'package.json'), import.meta.filename];
  const found = places.map((place) => resolveFrom(place, name)).filter((folder) => folder !== undefined);
  const described = found.map((folder) => ({ folder, isBuilt: existsSync(join(folder, addOn)) }));
  return described.find(({ isBuilt }) => isBuilt) ?? described.at(0);
}

const addOn = 'lib/napi-v8/tfjs_binding.node';

function resolveFrom(place: string, name: string): string | undefined {
  try {
    return dirname(createRequire(place).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** @param threads of TensorFlow's operations @throws DataError `tfjs-missing` */
export async function openTfjsNode(name: TfjsNodePackage, threads: number): Promise<Executor> {
  const isGpu = name.endsWith('-gpu');
  const found = findTfjsNode(name);
  if (!found?.isBuilt)
    throw new DataError(
      'tfjs-missing',
      found ? `${name} has no add-on built for it` : `${name} is not here`,
      `run \`node scripts/build-tfjs-node.mjs${isGpu ? ' --gpu' : ''}\` (docs/gpu.md)`,
    );
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_NUM_INTRAOP_THREADS ??= String(threads);
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  restoreRemoved();
  const tf = createRequire(join(found.folder, 'package.json'))(found.folder) as TfjsOptions['tf'];
  await tf.ready();
  return openTfjsExecutor({ name: isGpu ? 'node-gpu' : 'node', tf, backend: 'tensorflow' });
}

/** What tfjs-node 4.22 calls and Node 23 no longer has. */
function restoreRemoved(): void {
  const old = util as unknown as Record<string, unknown>;
  old.isNullOrUndefined ??= (value: unknown) => value === undefined || value === null;
}
