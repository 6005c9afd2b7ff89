// A select stage of a few lines for the tests of pack: keeps texts of more than ten characters, splits by the last digit
// of the id, and cuts out what stands between « and ».
import type { Row } from '@gristmill/core';
import type { BarrierStage } from '@gristmill/corpus';

export const selectStage: BarrierStage = {
  name: 'select',
  version: 1,
  phases: [
    {
      name: 'decisions',
      over: 'partition',
      inputs: () => [{ name: 'documents', columns: ['text', 'verdict'], parts: 'same' }],
      tables: [
        {
          name: 'decisions',
          columns: [
            { name: 'keep', type: 'boolean' },
            { name: 'split', type: 'string' },
            { name: 'removals', type: 'json', optional: true },
            { name: 'quality', type: 'int32', optional: true },
          ],
        },
      ],
      async run(task) {
        const writer = await task.write('decisions');
        for await (const row of task.input('documents').part(task.partition!).readRows(['text', 'verdict'])) {
          await writer.write(decide(row));
        }
      },
    },
  ],
};

function decide(row: Row): Row {
  const text = (row.text as string | undefined) ?? '';
  const removals = [...text.matchAll(/«[^»]*»/g)].map((match) => [
    match.index,
    match.index + match[0].length,
  ]);
  return {
    id: row.id,
    keep: row.verdict === undefined && text.length > 10,
    split: /[0-2]$/.test(row.id) ? 'validation' : 'train',
    removals: removals.length > 0 ? removals : undefined,
    quality: text.length % 10,
  };
}
