import { it } from 'vitest';
import { findsDamages, survivesFullDisk, survivesKills } from './injuries.ts';

it('200 builds killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(160, 'kill', 0));
it('builds on two threads killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(40, 'kill', 2));
it('torn writes are repaired to the same bytes', () => survivesKills(50, 'torn', 0));
it('a disk that is full at any write is told, and the next run is whole', () => survivesFullDisk(1));
it('fsck finds 1,000 seeded damages and repairs them', () => findsDamages(1000));

it('40 builds by all real stages killed at seeded changes are carried on to the same bytes', () =>
  survivesKills(40, 'kill', 0, 'real'));
it('torn writes of real stages are repaired to the same bytes', () => survivesKills(20, 'torn', 0, 'real'));
it('a disk that is full at any eleventh write of real stages is told, and the next run is whole', () =>
  survivesFullDisk(11, 'real'));
it('fsck finds 300 seeded damages of what real stages wrote and repairs them', () =>
  findsDamages(300, 'real'));
