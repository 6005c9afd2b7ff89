import { it } from 'vitest';
import { findsDamages, survivesFullDisk, survivesKills } from './injuries.ts';

it('20 builds killed at seeded changes are carried on to the same bytes', () => survivesKills(16, 'kill', 0));
it('builds on two threads killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(4, 'kill', 2));
it('torn writes are repaired to the same bytes', () => survivesKills(5, 'torn', 0));
it('a disk that is full at any seventh write is told, and the next run is whole', () => survivesFullDisk(7));
it('fsck finds 100 seeded damages and repairs them', () => findsDamages(100));
