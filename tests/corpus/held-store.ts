// A disk store whose workers wait at named moments until a test lets them go on: `hold('1', 'replace', folder)` stops the
// worker named 1 before it puts its bytes over a part of that folder.
import { openDiskStore, type Store } from '@gristmill/storage';

type Moment = 'commit' | 'replace' | 'create';

interface Held {
  /** Settles when the worker is there. */
  readonly reached: Promise<void>;
  readonly letGo: () => void;
}

const holds = new Map<string, () => Promise<void>>();

/** Stops a worker once, before it commits a file, replaces one, or creates a marker. */
export function hold(worker: string, moment: Moment, folder: string): Held {
  const [reached, gone] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const place = `${worker} ${moment} ${folder}`;
  holds.set(place, async () => {
    holds.delete(place);
    reached.resolve();
    await gone.promise;
  });
  return { reached: reached.promise, letGo: () => gone.resolve() };
}

export function openHeldStore({ root, worker }: { root: string; worker: string }): Store {
  const disk = openDiskStore({ root, sync: false });
  const pass = (moment: Moment, path: string) =>
    holds.get(`${worker} ${moment} ${path.slice(0, path.lastIndexOf('/'))}`)?.();
  return {
    ...disk,
    reference: { module: import.meta.url, export: 'openHeldStore', options: { root, worker } },
    async create(path, bytes) {
      await pass('create', path);
      return disk.create(path, bytes);
    },
    async writer(path, expectedBytes) {
      const writer = await disk.writer(path, expectedBytes);
      return {
        ...writer,
        async commit(refuse) {
          await pass('commit', path);
          return writer.commit(async (own) => {
            await refuse?.(own);
            await pass('replace', path);
          });
        },
      };
    },
  };
}
