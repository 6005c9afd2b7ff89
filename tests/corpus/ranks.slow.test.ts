import { it } from 'vitest';
import { survivesRankKills } from './rank-kills.ts';

it('three ranks of which two are killed leave the bytes of one process', () =>
  survivesRankKills(4, 3, (corpus, round) => corpus.store(`round-${round}`)));
