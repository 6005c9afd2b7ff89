// Who of several that want a place to themselves gets it, with nothing but create, replace, read, remove and list.
// Everyone creates a claim under a name that nobody had or will have, then looks at the other claims. A claim that is
// held wins; of claims that are not decided the lowest name wins, and it waits until those above it gave way, for one
// of them may have looked before it was there. So exactly one of them holds the place, whatever steps come in between.

import { DataError } from '@gristmill/core';
import { readJson, type Store } from './store.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** Never changes once it is there. */
export interface Claim extends ProcessIdentity {
  /** Random: it names this claim alone. */
  readonly holder: string;
  readonly name: string;
  /** Claims of different names and the same group stand beside each other. */
  readonly group?: string;
  /** What the holder does to the place, for people: `being built`. */
  readonly work: string;
}

/** Written anew at each beat. */
export interface Heart {
  readonly beat: number;
  readonly isHeld: boolean;
  readonly told?: string;
}

export type ClaimStore = Pick<Store, 'create' | 'replace' | 'read' | 'stat' | 'remove' | 'list'>;

export interface Contest {
  readonly store: ClaimStore;
  /** Folder of the claims, with a slash at its end. */
  readonly folder: string;
  /** Whether it is known at once if it lives. */
  readonly isNear: (claim: Claim) => boolean;
  readonly isAlive: (claim: Claim, path: string) => boolean | Promise<boolean>;
  /** Called between two looks at undecided claims; false: they have been undecided for too long. */
  readonly pause: () => Promise<boolean>;
  /** Marks the own claim as held. */
  readonly hold: () => Promise<void>;
}

export const claimPath = (folder: string, { name, holder }: Pick<Claim, 'name' | 'holder'>): string =>
  `${folder}${name}.${holder}.json`;
export const heartPath = (claim: string): string => claim.replace(/\.json$/, '.beat');
export const isClaim = (path: string): boolean => path.endsWith('.json');

/**
 * Creates the claim and contends for the place.
 * @returns who has the place instead; undefined when it is ours
 */
export async function contend(own: Claim, contest: Contest): Promise<Claim | undefined> {
  const { store, folder } = contest;
  const path = claimPath(folder, own);
  await store.create(path, JSON.stringify(own));
  try {
    for (;;) {
      const { holder, undecided } = await lookAtOthers(own, contest);
      if (holder) return await giveWay(store, path, holder);
      if (!undecided) break;
      if (!(await contest.pause())) return await giveWay(store, path, undecided);
    }
    await contest.hold();
    await removeStrayHearts(contest);
    return undefined;
  } catch (error) {
    await removeClaim(store, path);
    throw error;
  }
}

async function giveWay(store: ClaimStore, path: string, holder: Claim): Promise<Claim> {
  await removeClaim(store, path);
  return holder;
}

interface Sight {
  /** Has the place, or comes before us. */
  readonly holder?: Claim;
  /** May have it, or gives way. */
  readonly undecided?: Claim;
}

async function lookAtOthers(own: Claim, contest: Contest): Promise<Sight> {
  const { store, folder, isNear, isAlive } = contest;
  const mine = claimPath(folder, own);
  const paths = (await store.list(folder)).map(({ path }) => path);
  const others = await Promise.all(
    paths.filter((path) => isClaim(path) && path !== mine).map((path) => readOther(store, path)),
  );
  const rivals = others.filter((other) => other !== undefined && !isFellow(other.claim, own)) as Other[];
  // Those that have to be watched for a while come last: often the first tell enough.
  const near = await Promise.all(rivals.filter(({ claim }) => isNear(claim)).map(see));
  const holder = near.find((sight) => sight.holder);
  if (holder) return holder;
  const far = await Promise.all(rivals.filter(({ claim }) => !isNear(claim)).map(see));
  const sights = [...near, ...far];
  return sights.find((sight) => sight.holder) ?? sights.find((sight) => sight.undecided) ?? {};

  async function see({ path, claim }: Other): Promise<Sight> {
    if (!(await isAlive(claim, path))) {
      await removeClaim(store, path);
      return {};
    }
    const comesFirst = (await readHeart(store, path))?.isHeld || path < mine;
    if (!comesFirst) return { undecided: claim };
    return (await store.stat(path)) ? { holder: claim } : {};
  }
}

interface Other {
  readonly path: string;
  readonly claim: Claim;
}

async function readOther(store: ClaimStore, path: string): Promise<Other | undefined> {
  const claim = await readJson<Claim>(store as Store, path).catch(ignoreDamage);
  if (claim === 'damaged' || (claim && typeof claim.holder !== 'string')) {
    // What cannot be read belongs to nobody.
    await removeClaim(store, path);
    return undefined;
  }
  return claim && { path, claim };
}

const isFellow = (a: Claim, b: Claim): boolean =>
  a.group !== undefined && a.group === b.group && a.name !== b.name;

/** Undefined when there is none, or one that is damaged. */
export async function readClaim(store: ClaimStore, path: string): Promise<Claim | undefined> {
  const claim = await readJson<Claim>(store as Store, path).catch(ignoreDamage);
  return claim === 'damaged' ? undefined : claim;
}

export async function readHeart(store: ClaimStore, claim: string): Promise<Heart | undefined> {
  const heart = await readJson<Heart>(store as Store, heartPath(claim)).catch(ignoreDamage);
  return heart === 'damaged' ? undefined : heart;
}

function ignoreDamage(error: unknown): 'damaged' {
  if (error instanceof DataError && error.code === 'json-damaged') return 'damaged';
  throw error;
}

/** The claim first: a heart without one is nothing. */
export async function removeClaim(store: ClaimStore, path: string): Promise<void> {
  await store.remove(path);
  await store.remove(heartPath(path));
}

/** A heart may beat once more when its claim is gone. */
async function removeStrayHearts({ store, folder }: Contest): Promise<void> {
  const there = new Set((await store.list(folder)).map(({ path }) => path));
  for (const path of there) {
    const claim = path.replace(/\.beat$/, '.json');
    if (claim === path || there.has(claim)) continue;
    // A list is not made in an instant: a claim was there before its heart.
    if (!(await store.stat(claim))) await store.remove(path);
  }
}
