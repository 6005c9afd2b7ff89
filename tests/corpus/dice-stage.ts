// A stage that gives other numbers each time. DICE_OTHER=FROM:TO lets another worker's output appear while it computes.
import { cpSync } from 'node:fs';
import type { RowStage } from '@gristmill/core';
import type { BarrierStage } from '@gristmill/corpus';

export const diceStage: RowStage = {
  name: 'annotate-dice',
  version: 1,
  reads: ['text'],
  columns: [{ name: 'dots', type: 'int32' }],
  create: () => (row) => {
    const [from, to] = process.env.DICE_OTHER?.split(':') ?? [];
    if (from) cpSync(from, to, { recursive: true });
    return { id: row.id, dots: Math.floor(Math.random() * 1e9) };
  },
};

/** The same as a barrier stage whose one output is a file under a name that stays. */
export const diceListStage: BarrierStage = {
  name: 'annotate-dice-list',
  version: 1,
  phases: [
    {
      name: 'list',
      over: 'whole',
      inputs: () => [{ name: 'documents', columns: ['text'], parts: 'all' }],
      tables: [],
      run: (task) => task.replaceFile('list.json', String(Math.random())),
    },
  ],
};
