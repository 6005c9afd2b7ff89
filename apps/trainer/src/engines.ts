// What can run a step here: every executor with the packages and the hardware it needs, whether they are here, and the
// one command that gets what is missing. `auto` takes the first that is ready, in an order that measurements give.

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  findPlugins,
  pluginPackages,
  tfjsPackages,
  type PlainBackend,
  type Platform,
} from '@gristmill/tensor';
import { findTfjsNode, tfjsNodePackages } from './tfjs-node.ts';
import { findWebGpu } from './tfjs-webgpu.ts';

export type Device = Platform | 'webgpu';

export interface Engine {
  /** What --executor takes. */
  readonly executor: string;
  readonly device: Device;
  /** The npm or PyPI package that it needs besides this program. */
  readonly package?: string;
  /** no-device: its package is here, the hardware is not. */
  readonly state: 'ready' | 'no-device' | 'missing';
  /** Where it lies. */
  readonly path?: string;
  /** The one command that gets what is missing. */
  readonly get?: string;
}

/** Files that a device's driver makes. */
const deviceFiles: Readonly<Record<Exclude<Platform, 'cpu'>, readonly string[]>> = {
  cuda: ['/dev/nvidiactl', '/proc/driver/nvidia/version', '/dev/dxg'],
  rocm: ['/dev/kfd'],
  tpu: ['/dev/accel0', '/dev/vfio/0'],
};

export const hasDevice = (platform: Platform) =>
  platform === 'cpu' || deviceFiles[platform].some((file) => existsSync(file));

/** All of them, in the order in which `auto` takes them. */
export async function listEngines(): Promise<Engine[]> {
  const plugins = listPlugins();
  const ofDevice = (platforms: readonly Device[]) =>
    plugins.filter(({ device }) => platforms.includes(device));
  const [node, nodeGpu] = tfjsNodePackages.map(describeTfjsNode);
  return [
    ...ofDevice(['cuda', 'rocm', 'tpu']),
    nodeGpu,
    { executor: 'cpu', device: 'cpu', state: 'ready' },
    ...ofDevice(['cpu']),
    node,
    await describeWebGpu(),
    ...(['wasm', 'cpu'] as const).map(describePlainTfjs),
  ];
}

/** @returns the first that is ready, and why it is that one */
export function chooseEngine(engines: readonly Engine[]): { readonly engine: Engine; readonly why: string } {
  const at = engines.findIndex(({ state }) => state === 'ready');
  const engine = engines[at];
  const idle = engines.slice(0, at).filter(({ state }) => state === 'no-device');
  const name = engine.package === undefined ? engine.executor : `${engine.executor} (${engine.package})`;
  if (engine.device !== 'cpu') return { engine, why: `${name}: there is a ${engine.device} device` };
  const without = idle.length > 0 ? `, for ${idle[0].package} finds no ${idle[0].device} device` : '';
  return { engine, why: `${name}: the fastest without an accelerator${without}` };
}

function listPlugins(): Engine[] {
  const hasKoffi = resolvePackage('koffi') !== undefined;
  const found = findPlugins();
  const state = (platform: Platform) =>
    !hasKoffi ? ('missing' as const) : hasDevice(platform) ? ('ready' as const) : ('no-device' as const);
  const get = hasKoffi ? {} : { get: 'npm install koffi' };
  const here = found.map(({ path, platform, from }): Engine => ({
    ...{ executor: 'xla', device: platform, package: from, state: state(platform), path },
    ...get,
  }));
  const missing = pluginPackages
    .filter(({ name }) => !found.some(({ from }) => from === name))
    .map(({ name, platform, get: command }): Engine => ({
      ...{ executor: 'xla', device: platform, package: name, state: 'missing', get: command },
    }));
  return [...here, ...missing];
}

function describeTfjsNode(name: (typeof tfjsNodePackages)[number]): Engine {
  const isGpu = name.endsWith('-gpu');
  const platform = isGpu ? 'cuda' : 'cpu';
  const common = {
    executor: isGpu ? 'tfjs:node-gpu' : 'tfjs:node',
    device: platform,
    package: name,
  } as const;
  const found = findTfjsNode(name);
  if (found?.isBuilt)
    return { ...common, state: hasDevice(platform) ? 'ready' : 'no-device', path: found.folder };
  const get = `node scripts/build-tfjs-node.mjs${isGpu ? ' --gpu' : ''}`;
  return { ...common, state: 'missing', get };
}

async function describeWebGpu(): Promise<Engine> {
  const common = { executor: 'tfjs:webgpu', device: 'webgpu', package: 'webgpu' } as const;
  const found = await findWebGpu();
  if (found === undefined)
    return { ...common, state: 'missing', get: 'npm install webgpu @tensorflow/tfjs-backend-webgpu' };
  return { ...common, state: found.adapter ? 'ready' : 'no-device' };
}

function describePlainTfjs(backend: PlainBackend): Engine {
  const name = tfjsPackages[backend];
  const common = { executor: `tfjs:${backend}`, device: 'cpu', package: name } as const;
  if (resolvePackage(name) !== undefined && resolvePackage('@tensorflow/tfjs-core') !== undefined)
    return { ...common, state: 'ready' };
  return { ...common, state: 'missing', get: `npm install @tensorflow/tfjs-core ${name}` };
}

function resolvePackage(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}
