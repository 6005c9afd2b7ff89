import { it } from 'vitest';
import { findsDamages, survivesFullDisk, survivesKills } from './injuries.ts';

it('a build killed at seeded changes of its folder is carried on to the same bytes', () =>
  survivesKills(3, 'kill', 0));
it('a write that was torn is repaired to the same bytes', () => survivesKills(1, 'torn', 0));
it('a full disk is told, and the next run is whole', () => survivesFullDisk(17));
it('fsck finds seeded damages and repairs them', () => findsDamages(30));
