// Steps several takers of a place through every order in which their operations on the store can happen. Each run is
// replayed from its choices; what was seen before (the store, and what each taker has been answered) is not gone into
// again, for what follows is the same.
import { DataError } from '@gristmill/core';
import {
  claimPath,
  contend,
  removeClaim,
  type Claim,
  type ClaimStore,
} from '../../libs/storage/src/claim.ts';

export interface Taker {
  readonly holder: string;
  readonly name?: string;
  readonly group?: string;
  /** Gives the place back once it has it. */
  readonly releases?: boolean;
  /** May die before each of its steps. */
  readonly mayDie?: boolean;
}

export interface Scene {
  /** What one taker asks at the same time is answered in every order, too. */
  readonly anyAnswer?: boolean;
  readonly takers: readonly Taker[];
  /** What lies in the store before. */
  readonly files?: Readonly<Record<string, string>>;
  /** Called in every state that is reached. @throws when it must not be */
  readonly check: (holders: readonly Taker[]) => void;
  /** Called where nobody has a step left. */
  readonly checkEnd: (end: End) => void;
}

export interface End {
  /** Who had the place at some time. */
  readonly winners: readonly Taker[];
  readonly dead: readonly Taker[];
  /** Whose way did not end: they wait for ever. */
  readonly stuck: readonly Taker[];
  /** Files that are left. */
  readonly paths: readonly string[];
}

interface Step {
  readonly taker: number;
  readonly label: string;
  /** False: it would see what it saw before. */
  readonly isEnabled: () => boolean;
  readonly run: () => void;
}

/** @returns how many states there are */
export async function explore(scene: Scene): Promise<number> {
  const seen = new Set<string>();
  const open: number[][] = [[]];
  for (let choices = open.pop(); choices; choices = open.pop()) {
    const world = await World.start(scene);
    for (const choice of choices) await world.take(choice);
    for (let path = choices; ; path = [...path, 0]) {
      scene.check(world.holders());
      const key = world.key();
      if (seen.has(key)) break;
      seen.add(key);
      const steps = world.choices();
      if (steps === 0) {
        scene.checkEnd(world.end());
        break;
      }
      for (let choice = 1; choice < steps; choice++) open.push([...path, choice]);
      await world.take(0);
    }
  }
  return seen.size;
}

class World {
  private readonly files: Map<string, string>;
  private readonly answers: string[][];
  private readonly outcome: ('held' | 'released' | 'refused' | undefined)[];
  private readonly isDead: boolean[];
  private readonly winners = new Set<number>();
  private pending: Step[] = [];
  private readonly scene: Scene;
  private readonly mayDie: boolean;
  private changes = 0;
  /** How many changes each taker has seen when it listed. */
  private readonly listed: number[] = [];

  private constructor(scene: Scene) {
    this.scene = scene;
    this.mayDie = scene.takers.some(({ mayDie }) => mayDie);
    this.files = new Map(Object.entries(scene.files ?? {}));
    this.answers = scene.takers.map(() => []);
    this.outcome = scene.takers.map(() => undefined);
    this.isDead = scene.takers.map(() => false);
  }

  static async start(scene: Scene): Promise<World> {
    const world = new World(scene);
    for (const index of scene.takers.keys()) void world.runTaker(index);
    await settle();
    return world;
  }

  private async runTaker(index: number): Promise<void> {
    const { holder, name = 'build', group, releases } = this.scene.takers[index];
    const own: Claim = { holder, name, group, work: 'being built', host: 'h', pid: index, started: '' };
    const store = this.storeOf(index);
    const path = claimPath('lease/', own);
    const other = await contend(own, {
      store,
      folder: 'lease/',
      isNear: () => true,
      isAlive: (claim) =>
        this.mayDie ? this.step(index, `alive ${claim.holder}`, () => this.lives(claim)) : this.lives(claim),
      pause: () =>
        this.step(
          index,
          'pause',
          () => true,
          () => this.listed[index] !== this.changes,
        ),
      hold: () => store.replace(path.replace('.json', '.beat'), '{"isHeld":true}'),
    });
    this.outcome[index] = other ? 'refused' : 'held';
    if (other) return;
    this.winners.add(index);
    if (!releases) return;
    // It has the place until it begins to give it back.
    await this.step(index, 'release', () => (this.outcome[index] = 'released'));
    await removeClaim(store, path);
  }

  private lives({ holder }: Claim): boolean {
    const index = this.scene.takers.findIndex((taker) => taker.holder === holder);
    return index >= 0 && !this.isDead[index];
  }

  private storeOf(index: number): ClaimStore {
    const { files } = this;
    const step = <T>(label: string, run: () => T) => this.step(index, label, run);
    return {
      create: (path, bytes) =>
        step(`create ${path}`, () => !files.has(path) && this.change(() => !!files.set(path, String(bytes)))),
      replace: (path, bytes) =>
        step(`replace ${path}`, () => this.change(() => void files.set(path, String(bytes)))),
      remove: (path) => step(`remove ${path}`, () => this.change(() => void files.delete(path))),
      stat: (path) =>
        step(`stat ${path}`, () => (files.has(path) ? { path, size: files.get(path)!.length } : undefined)),
      list: (prefix) =>
        step(`list`, () => {
          this.listed[index] = this.changes;
          const paths = [...files.keys()].filter((path) => path.startsWith(prefix)).sort();
          return paths.map((path) => ({ path, size: 1 }));
        }),
      read: async (path) => {
        const text = await step(`read ${path}`, () => files.get(path));
        if (text === undefined) throw new DataError('file-missing', 'it is missing', 'none');
        return Buffer.from(text);
      },
    };
  }

  private change<T>(run: () => T): T {
    this.changes++;
    return run();
  }

  private step<T>(index: number, label: string, run: () => T, isEnabled = () => true): Promise<T> {
    return new Promise((resolve) => {
      this.pending.push({
        taker: index,
        label,
        isEnabled,
        run: () => {
          const answer = run();
          this.answers[index].push(`${label} = ${JSON.stringify(answer)}`);
          resolve(answer);
        },
      });
    });
  }

  /** Steps that can be taken, then deaths. */
  private enabled(): { readonly steps: Step[]; readonly deaths: number[] } {
    const deaths = [...this.scene.takers.keys()].filter(
      (index) => this.scene.takers[index].mayDie && !this.isDead[index] && this.outcome[index] !== 'refused',
    );
    const steps = this.pending.filter(({ taker, isEnabled }) => !this.isDead[taker] && isEnabled());
    if (this.scene.anyAnswer) return { steps, deaths };
    return { steps: [...Map.groupBy(steps, ({ taker }) => taker).values()].map(([first]) => first), deaths };
  }

  choices(): number {
    const { steps, deaths } = this.enabled();
    return steps.length + deaths.length;
  }

  async take(choice: number): Promise<void> {
    const { steps, deaths } = this.enabled();
    if (choice >= steps.length) {
      this.change(() => (this.isDead[deaths[choice - steps.length]] = true));
      return;
    }
    const step = steps[choice];
    this.pending = this.pending.filter((other) => other !== step);
    step.run();
    await settle();
  }

  holders(): Taker[] {
    return this.scene.takers.filter((_, index) => this.outcome[index] === 'held' && !this.isDead[index]);
  }

  contents(): string {
    return JSON.stringify([...this.files].sort());
  }

  key(): string {
    const waiting = this.pending.map(({ taker, label, isEnabled }) => [taker, label, isEnabled()]);
    return JSON.stringify([this.contents(), this.answers, this.isDead, waiting]);
  }

  end(): End {
    const { takers } = this.scene;
    const of = (is: (index: number) => boolean) => takers.filter((_, index) => is(index));
    return {
      winners: of((index) => this.winners.has(index)),
      dead: of((index) => this.isDead[index]),
      stuck: of((index) => this.outcome[index] === undefined && !this.isDead[index]),
      paths: [...this.files.keys()].sort(),
    };
  }
}

/** Until every taker asks for its next step. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
