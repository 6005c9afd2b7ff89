// The column group of heuristic signals: one number column a signal, so that a policy or `what-if` reads only those
// that it names.

import type { Column, RowStage } from '@gristmill/core';
import { computeHeuristics } from './heuristics/compute-heuristics.ts';

/** The names of all heuristic signals, in the order of their columns. */
export const heuristicSignalNames: readonly string[] = Object.keys(computeHeuristics(''));

export const heuristicsStage: RowStage = {
  name: 'annotate-heuristics',
  version: 2,
  description:
    'Numbers about words, lines and repetition that policies compare: the signals of Gopher, C4, FineWeb, DCLM.',
  options: {},
  reads: ['text'],
  columns: heuristicSignalNames.map((name): Column => ({ name, type: 'float64' })),
  create() {
    return (row) => ({ id: row.id, ...computeHeuristics(String(row.text ?? '')) });
  },
};
