// Who contends for a place, what lies there before, and what must hold whatever the order of their steps.
import { expect } from 'vitest';
import { explore, type End, type Scene, type Taker } from './interleavings.ts';

type Setting = Pick<Scene, 'takers' | 'files' | 'anyAnswer'>;

/** Left by a process that died before its claim was decided. */
export const dead = (holder: string, name = 'build'): Record<string, string> => ({
  [`lease/${name}.${holder}.json`]: JSON.stringify({
    holder,
    name,
    work: 'w',
    host: 'h',
    pid: 9,
    started: '',
  }),
});

/** Left by a process that died while it had the place. */
export const deadHeld = (holder: string, name = 'build'): Record<string, string> => ({
  ...dead(holder, name),
  [`lease/${name}.${holder}.beat`]: '{"isHeld":true}',
});

export const takers = (...holders: string[]): Taker[] => holders.map((holder) => ({ holder }));
export const rank = (rank: number, holder: string): Taker => ({ holder, name: `rank-${rank}`, group: 'g' });

/** At every moment at most one has it, or ranks alone. @returns states */
export function exploreScene(setting: Setting, checkEnd: (end: End) => void): Promise<number> {
  return explore({
    ...setting,
    check: (holders) => {
      if (holders.length > 1 && holders.some(({ group }) => group === undefined))
        expect(holders).toHaveLength(1);
    },
    checkEnd: (end) => {
      if (end.stuck.length > 0) expect(end.stuck).toEqual([]);
      checkEnd(end);
    },
  });
}

export function expectOne({ winners, paths }: End): void {
  const left = winners.flatMap(({ holder, name = 'build' }) =>
    ['beat', 'json'].map((end) => `lease/${name}.${holder}.${end}`),
  );
  if (winners.length !== 1 || String(left) !== String(paths)) expect({ winners, paths }).toBe('one winner');
}

/** Who comes late may find the place free again. */
export function expectSome({ winners }: End): void {
  if (winners.length === 0) expect(winners).not.toEqual([]);
}
