import { it } from 'vitest';
import { findsDamages, survivesFullDisk, survivesKills } from './injuries.ts';

it('20 builds killed at seeded changes are carried on to the same bytes', () => survivesKills(16, 'kill', 0));
it('builds on two threads killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(4, 'kill', 2));
it('torn writes are repaired to the same bytes', () => survivesKills(5, 'torn', 0));
it('a disk that is full at any seventh write is told, and the next run is whole', () => survivesFullDisk(7));
it('fsck finds 100 seeded damages and repairs them', () => findsDamages(100));

it('2 builds by all real stages killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(2, 'kill', 0, 'real'));
it('a write of a real stage that was torn is repaired to the same bytes', () =>
  survivesKills(1, 'torn', 0, 'real'));
it('fsck finds 30 seeded damages of what real stages wrote and repairs them', () => findsDamages(30, 'real'));
