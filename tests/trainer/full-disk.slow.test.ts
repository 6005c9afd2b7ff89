// A real file system that is full: the checkpoint that stands stays, is found whole, and the run goes on from it when
// there is room.
import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDiskStore } from '@gristmill/storage';
import { mountSmallDisk, whyNoDisk } from '../storage/small-disk.ts';
import { makeFolder } from './shards.ts';
import { readCurve, trainSmall, weightsOf, type Line } from './small-run.ts';

const settings = { keepCheckpoints: 1, checkpointInterval: 10 };

/** Leaves so many bytes of room. */
function fill(folder: string, room: number): string {
  const { bavail, bsize } = statfsSync(folder);
  const path = join(folder, 'ballast');
  writeFileSync(path, new Uint8Array(Math.max(0, bavail * bsize - room)));
  return path;
}

// A checkpoint of this model takes about 340 KB: the room ends in its weights, in the optimiser's state, or in what comes after.
test.skipIf(whyNoDisk !== '').each([40, 150, 330])(
  `a disk with room for %i KB more keeps the old checkpoint and loses no step${whyNoDisk}`,
  async (kilobytes) => {
    const whole = makeFolder('whole');
    await trainSmall(whole, settings);
    const disk = mountSmallDisk(4096)!;
    try {
      const run = join(disk.folder, 'run');
      let ballast = '';
      const onStep = (step: number) => {
        if (step === 15) ballast = fill(disk.folder, kilobytes * 1024);
      };
      await expect(trainSmall(run, settings, { onStep })).rejects.toMatchObject({ code: 'disk-full' });
      const checkpoints = () =>
        readdirSync(join(run, 'checkpoints')).filter((name) => /^step-\d+$/.test(name));
      expect(checkpoints()).toEqual(['step-00000010']);
      expect(existsSync(join(run, 'model'))).toBe(false);
      rmSync(ballast);
      const steps: number[] = [];
      const damaged: string[] = [];
      await trainSmall(run, settings, {
        onStep: (step) => steps.push(step),
        onDamaged: ({ message }) => damaged.push(message),
      });
      expect(steps[0]).toBe(11);
      expect(damaged).toEqual([]);
      expect((readCurve(run) as Line[]).map(({ step }) => step)).toHaveLength(40);
      expect(readCurve(run)).toEqual(readCurve(whole));
      expect(weightsOf(run).equals(weightsOf(whole))).toBe(true);
      expect(readdirSync(join(run, 'checkpoints')).every((name) => /^step-\d+$/.test(name))).toBe(true);
    } finally {
      disk.unmount();
    }
  },
);

test.skipIf(whyNoDisk !== '')(
  `a large file on a full disk ends in one error and leaves nothing${whyNoDisk}`,
  async () => {
    const disk = mountSmallDisk(20 << 10)!;
    try {
      const store = openDiskStore({ root: disk.folder });
      const writer = await store.writer('large', 1 << 30);
      const write = async () => {
        for (let i = 0; i < 30; i++) await writer.write(new Uint8Array(1 << 20).fill(i));
        await writer.commit();
      };
      await expect(write()).rejects.toMatchObject({ code: 'disk-full' });
      await writer.abort();
      expect(await store.list('')).toEqual([]);
      const { bavail, blocks } = statfsSync(disk.folder);
      expect(blocks - bavail).toBeLessThan(16);
    } finally {
      disk.unmount();
    }
  },
);
