// Training from shards on S3, by the program, through faults: the losses of a run from a folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import { openS3Store } from '../../libs/storage/src/s3-store.ts';
import { seededFaults, startFaultyProxy } from '../storage/faulty-proxy.ts';
import { startMemoryS3 } from '../storage/memory-s3.ts';
import { makeFolder, small, writeShards } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));

async function trainOn(shards: string, env: Record<string, string>): Promise<number[]> {
  const run = join(makeFolder('s3'), 'run');
  const config = join(makeFolder('config'), 'settings.json');
  writeFileSync(config, JSON.stringify({ ...small, steps: 4 }));
  const args = ['train', '--shards', shards, '--model', 'nanogpt-char-cpu', '--config', config, '--run', run];
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect((await once(child, 'exit'))[0]).toBe(0);
  const lines = readFileSync(join(run, 'loss.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => (JSON.parse(line) as { loss: number }).loss);
}

test('train --shards s3://… has the losses of train --shards FOLDER', async () => {
  const folder = await writeShards(1, 60);
  const server = await startMemoryS3();
  const proxy = await startFaultyProxy(server.endpoint, seededFaults(1, 0.2));
  const env = {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'testsecret',
    AWS_ENDPOINT_URL_S3: proxy.endpoint,
    GRISTMILL_CACHE: makeFolder('cache'),
  };
  Object.assign(process.env, env);
  const [from, to] = [openDiskStore({ root: folder }), await openS3Store({ location: 's3://bucket/tokens' })];
  for (const { path } of await from.list('')) await to.replace(path, await from.read(path));
  expect(await trainOn('s3://bucket/tokens', env)).toEqual(await trainOn(folder, {}));
  await proxy.close();
  await server.close();
});
