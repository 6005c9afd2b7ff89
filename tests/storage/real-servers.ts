// Real S3 servers for the slow and full suites, started as child processes on free loopback ports and ended by their
// process: versitygw over a folder (`go install github.com/versity/versitygw/cmd/versitygw@latest`), and a whole Ceph
// of one monitor, one OSD in memory and a RADOS gateway (Debian: radosgw ceph-mon ceph-osd).
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { S3Client, CreateBucketCommand } from '@aws-sdk/client-s3';
import type { S3Server } from './memory-s3.ts';

export const bucket = 'gristmill-test';

/** Path of a program, also of those that `go install` puts into the home or that are kept in the cache. */
export function findProgram(name: string): string | undefined {
  const places = [
    ...(process.env.PATH ?? '').split(delimiter),
    join(homedir(), '.cache', 'gristmill', 'bin'),
    join(homedir(), 'go', 'bin'),
  ];
  return places
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

export const versitygw = findProgram('versitygw');
export const ceph = ['ceph', 'ceph-mon', 'ceph-osd', 'monmaptool', 'radosgw', 'radosgw-admin'].every(
  findProgram,
);

/** Sets the environment that a standard credential chain reads. */
export function useTestCredentials(): void {
  process.env.AWS_ACCESS_KEY_ID = 'test';
  process.env.AWS_SECRET_ACCESS_KEY = 'testsecret';
  process.env.AWS_REGION = 'us-east-1';
}

export async function startVersitygw(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-versitygw-'));
  await mkdir(join(folder, 'data'));
  await mkdir(join(folder, 'facts'));
  const address = `127.0.0.1:${await freePort()}`;
  const args = ['--port', address, 'posix', '--sidecar', join(folder, 'facts'), join(folder, 'data')];
  const env = { ...process.env, ROOT_ACCESS_KEY: 'test', ROOT_SECRET_KEY: 'testsecret' };
  const gateway = spawn(versitygw!, args, { env, stdio: 'ignore' });
  return openServer(`http://${address}`, folder, [gateway]);
}

async function openServer(
  endpoint: string,
  folder: string,
  programs: readonly ChildProcess[],
): Promise<S3Server> {
  const close = async () => {
    for (const program of programs.toReversed()) await endProgram(program);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await makeBucket(endpoint);
    return { endpoint, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function endProgram(program: ChildProcess): Promise<void> {
  if (program.exitCode !== null || program.signalCode !== null) return;
  program.kill('SIGTERM');
  const ended = once(program, 'exit').then(() => true);
  if (!(await Promise.race([ended, wait(5000).then(() => false)]))) program.kill('SIGKILL');
}

async function makeBucket(endpoint: string): Promise<void> {
  const client = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 1 });
  for (let second = 0; ; second++) {
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
      return client.destroy();
    } catch (error) {
      if ((error as Error).name.startsWith('BucketAlready')) return client.destroy();
      if (second === 60) throw error;
      await wait(1000);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** No authentication inside the cluster, one copy of everything, 2 GiB of memory at most. */
function cephConfig(folder: string, monitor: string, gateway: string, cluster: string): string {
  const sections: Record<string, Record<string, string>> = {
    global: {
      fsid: cluster,
      'mon host': `v1:${monitor}`,
      'mon initial members': 'a',
      'public network': '127.0.0.0/8',
      'public addr': '127.0.0.1',
      'ms bind msgr2': 'false',
      'auth cluster required': 'none',
      'auth service required': 'none',
      'auth client required': 'none',
      'osd pool default size': '1',
      'osd pool default min size': '1',
      'osd pool default pg num': '8',
      'osd pool default pg autoscale mode': 'off',
      'mon allow pool size one': 'true',
      'osd crush chooseleaf type': '0',
      'run dir': folder,
      'admin socket': join(folder, '$name.asok'),
      'pid file': '',
      'log file': join(folder, '$name.log'),
    },
    mon: { 'mon data': join(folder, 'mon') },
    osd: {
      'osd data': join(folder, 'osd'),
      'osd objectstore': 'memstore',
      'memstore device bytes': String(2 << 30),
    },
    'client.rgw.a': { 'rgw data': join(folder, 'rgw'), 'rgw frontends': `beast endpoint=${gateway}` },
  };
  return Object.entries(sections)
    .map(([name, values]) => [
      `[${name}]`,
      ...Object.entries(values).map(([key, value]) => `${key} = ${value}`),
    ])
    .map((lines) => `${lines.join('\n')}\n`)
    .join('');
}

/** A monitor that has just begun refuses or forgets questions. */
async function persist<T>(work: () => T): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return work();
    } catch (error) {
      if (attempt === 12) throw error;
      await wait(1000);
    }
  }
}

export async function startRadosgw(): Promise<S3Server> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-ceph-'));
  for (const name of ['mon', 'osd', 'rgw']) await mkdir(join(folder, name));
  const [monitor, gateway] = [await freePort(), await freePort()].map((port) => `127.0.0.1:${port}`);
  const [cluster, disk] = [randomUUID(), randomUUID()];
  const config = join(folder, 'ceph.conf');
  await writeFile(config, cephConfig(folder, monitor, gateway, cluster));
  const run = (name: string, ...args: string[]) =>
    execFileSync(findProgram(name)!, ['-c', config, ...args], { stdio: 'pipe', timeout: 20_000 }).toString();
  const ask = (...args: string[]) => persist(() => run('ceph', ...args));
  const start = (name: string, ...args: string[]) =>
    spawn(findProgram(name)!, ['-c', config, '-f', ...args], { stdio: 'ignore' });
  const map = join(folder, 'monmap');
  run('monmaptool', '--create', '--addv', 'a', `[v1:${monitor}]`, '--fsid', cluster, map);
  run('ceph-mon', '-i', 'a', '--mkfs', '--monmap', map);
  const programs = [start('ceph-mon', '-i', 'a')];
  try {
    await ask('osd', 'new', disk, '0');
    run('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', disk);
    // An OSD that greets the monitor too early ends without a word: it is started again.
    let osd = start('ceph-osd', '-i', '0');
    programs.push(osd);
    for (let half = 0; !(await ask('osd', 'stat')).includes('1 up'); half++) {
      if (half === 240) throw new Error(`the OSD did not come up: see ${folder}`);
      if (osd.exitCode !== null || osd.signalCode !== null)
        programs.push((osd = start('ceph-osd', '-i', '0')));
      await wait(500);
    }
    programs.push(start('radosgw', '--name', 'client.rgw.a'));
    const user = ['user', 'create', '--uid=test', '--display-name=test', '--access-key=test'];
    await persist(() => run('radosgw-admin', '--name', 'client.rgw.a', ...user, '--secret-key=testsecret'));
  } catch (error) {
    for (const program of programs) await endProgram(program);
    throw error;
  }
  return openServer(`http://${gateway}`, folder, programs);
}
