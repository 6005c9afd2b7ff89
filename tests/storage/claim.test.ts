import { expect, it } from 'vitest';
import { dead, deadHeld, exploreScene, expectOne, expectSome, rank, takers } from './claim-scenes.ts';

it.each([
  ['two', { takers: takers('m', 'n'), anyAnswer: true }],
  ['two after a death', { takers: takers('m', 'n'), files: deadHeld('x'), anyAnswer: true }],
  ['two after a chain of deaths', { takers: takers('m', 'n'), files: { ...deadHeld('a'), ...dead('x') } }],
  ['two where a claim is damaged', { takers: takers('m', 'n'), files: { 'lease/build.x.json': '{"hol' } }],
  ['two where a heart beat once more', { takers: takers('m', 'n'), files: { 'lease/build.a.beat': '{}' } }],
])('of %s exactly one gets the place, whatever the order of their steps', async (_, setting) => {
  expect(await exploreScene(setting, expectOne)).toBeGreaterThan(100);
});

it('who gives the place back never shares it with the next', async () => {
  const [first, second] = takers('m', 'n');
  for (const setting of [
    [{ ...first, releases: true }, second],
    [first, { ...second, releases: true }],
  ])
    await exploreScene({ takers: setting, anyAnswer: true }, expectSome);
});

it('a death at any step lets no two in, and nobody waits for the dead', async () => {
  const [first, second] = takers('m', 'n');
  for (const setting of [
    [{ ...first, mayDie: true }, second],
    [first, { ...second, mayDie: true }],
  ])
    await exploreScene({ takers: setting, files: deadHeld('x') }, ({ winners, dead: died }) => {
      if (died.length === 0 && winners.length !== 1) expect(winners).toHaveLength(1);
    });
});

it('ranks stand beside each other and not beside another build', async () => {
  await exploreScene({ takers: [rank(0, 'n'), rank(1, 'm')] }, ({ winners }) =>
    expect(winners).toHaveLength(2),
  );
  await exploreScene({ takers: [rank(0, 'm'), ...takers('n')], anyAnswer: true }, expectSome);
  await exploreScene({ takers: [{ ...rank(0, 'm'), group: 'other' }, rank(0, 'n')] }, expectOneName);
});

function expectOneName({ winners }: { readonly winners: readonly unknown[] }): void {
  if (winners.length !== 1) expect(winners).toHaveLength(1);
}
