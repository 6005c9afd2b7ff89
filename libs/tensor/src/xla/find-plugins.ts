// Where PJRT plugins lie: the shared library that GRISTMILL_PJRT_PLUGIN names, else those of known Python packages in
// VIRTUAL_ENV, else in the environment of the python3 on PATH. Python itself is not needed to run one.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

export type Platform = 'cuda' | 'rocm' | 'tpu' | 'cpu';

export interface PluginPackage {
  /** Name on PyPI. */
  readonly name: string;
  readonly platform: Platform;
  /** Its shared library below site-packages. */
  readonly library: string;
  /** The command that installs it, with what it needs. Of CPU plugins the versions that were tested, for wheels vanish. */
  readonly get: string;
}

/** Fastest first: the order in which they are taken. State of November 2026. */
export const pluginPackages: readonly PluginPackage[] = [
  {
    name: 'jax-cuda13-pjrt',
    platform: 'cuda',
    library: 'jax_plugins/xla_cuda13/xla_cuda_plugin.so',
    get: 'pip install "jax-cuda13-plugin[with-cuda]"',
  },
  {
    name: 'jax-cuda12-pjrt',
    platform: 'cuda',
    library: 'jax_plugins/xla_cuda12/xla_cuda_plugin.so',
    get: 'pip install "jax-cuda12-plugin[with-cuda]"',
  },
  {
    name: 'jax-rocm7-pjrt',
    platform: 'rocm',
    library: 'jax_plugins/xla_rocm7/xla_rocm_plugin.so',
    get: 'pip install jax-rocm7-pjrt',
  },
  { name: 'libtpu', platform: 'tpu', library: 'libtpu/libtpu.so', get: 'pip install libtpu' },
  {
    name: 'xla-cpu-pjrt',
    platform: 'cpu',
    library: 'xla_plugins/xla_cpu_pjrt/xla_cpu_pjrt.so',
    get: 'pip install --no-deps xla-cpu-pjrt==0.0.1',
  },
  {
    name: 'lammps-jax-pjrt-cpu',
    platform: 'cpu',
    library: 'lammps_jax_pjrt_cpu/pjrt_c_api_cpu_plugin.so',
    get: 'pip install --no-deps lammps-jax-pjrt-cpu==0.11.2',
  },
  {
    name: 'fastatomstruct-xla-cpu',
    platform: 'cpu',
    library: 'fastatomstruct_xla_cpu/libpjrt_cpu.so',
    get: 'pip install --no-deps fastatomstruct-xla-cpu==2026.6.23',
  },
];

export interface FoundPlugin {
  readonly path: string;
  readonly platform: Platform;
  /** The package, or GRISTMILL_PJRT_PLUGIN. */
  readonly from: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Fastest first. A plugin that is named hides all others, also when it is not there. */
export function findPlugins(environment: Environment = process.env): FoundPlugin[] {
  const named = environment.GRISTMILL_PJRT_PLUGIN;
  if (named)
    return existsSync(named)
      ? [{ path: named, platform: platformOf(named), from: 'GRISTMILL_PJRT_PLUGIN' }]
      : [];
  const folders = sitePackages(environment);
  return pluginPackages.flatMap(({ name, platform, library }) =>
    folders
      .map((folder) => join(folder, library))
      .filter((path) => existsSync(path))
      .slice(0, 1)
      .map((path) => ({ path, platform, from: name })),
  );
}

/** By the name of the library; what is unknown counts as a CPU's. */
export function platformOf(path: string): Platform {
  const known = pluginPackages.find(({ library }) => path.endsWith(library));
  if (known) return known.platform;
  const name = basename(path);
  return (['cuda', 'rocm', 'tpu'] as const).find((platform) => name.includes(platform)) ?? 'cpu';
}

/** Options with which a plugin's client is made: no more CPU devices than are used, so that threads are the operations'. */
export function clientOptions(platform: Platform, devices = 1): Record<string, number> {
  return platform === 'cpu' ? { cpu_device_count: devices } : {};
}

function sitePackages({ VIRTUAL_ENV, PATH }: Environment): string[] {
  if (VIRTUAL_ENV) {
    const folder = join(VIRTUAL_ENV, 'lib');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .filter((name) => name.startsWith('python'))
      .sort()
      .map((name) => join(folder, name, 'site-packages'));
  }
  try {
    const script = 'import sysconfig; print(sysconfig.get_path("platlib"))';
    const found = execFileSync('python3', ['-I', '-c', script], {
      env: { PATH },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return [found.trim()];
  } catch {
    return []; // no python3, nothing installed
  }
}
