// The primitives: what every executor must know. About 40, chosen so that each lowers to one StableHLO operation or a
// few. Each is defined once, in its group's file: types, gradient, and what it computes on plain arrays.

import type { Primitive } from './definition.ts';
import * as elementwise from './primitives/elementwise.ts';
import { matmul } from './primitives/matmul.ts';
import * as reductions from './primitives/reductions.ts';
import * as sources from './primitives/sources.ts';
import * as structure from './primitives/structure.ts';
import * as tables from './primitives/tables.ts';

const table = { ...sources, ...elementwise, ...structure, ...reductions, matmul, ...tables };

export type PrimitiveName = keyof typeof table;

export const primitives: Readonly<Record<PrimitiveName, Primitive>> = table;

export const primitiveNames = Object.keys(table) as readonly PrimitiveName[];

export function findPrimitive(name: string): Primitive | undefined {
  return Object.hasOwn(primitives, name) ? primitives[name as PrimitiveName] : undefined;
}
