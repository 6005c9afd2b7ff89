import { expect, it } from 'vitest';
import { dead, deadHeld, exploreScene, expectOne, expectSome, rank, takers } from './claim-scenes.ts';

it.each([
  ['three', { takers: takers('l', 'm', 'n') }],
  ['two after a chain of deaths', { takers: takers('m', 'n'), files: { ...dead('a'), ...deadHeld('x') } }],
])('of %s exactly one gets the place, whatever the order of their steps', async (_, setting) => {
  expect(await exploreScene(setting, expectOne)).toBeGreaterThan(1000);
});

it('a build and two ranks: all the ranks or the build alone', async () => {
  await exploreScene({ takers: [rank(0, 'm'), rank(1, 'l'), ...takers('n')] }, expectSome);
});
