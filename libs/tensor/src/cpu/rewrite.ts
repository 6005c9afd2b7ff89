// What the executor makes of a lowered program before it is planned: equal programs with fewer passes over memory.

import type { Program } from '../program.ts';
import { foldScalars } from './fold-scalars.ts';
import { fuseAttention } from './fuse-attention.ts';
import { fuse } from './fuse.ts';

export function rewrite(program: Program): Program {
  return fuse(fuseAttention(foldScalars(program)));
}
