// Writes tests/end-to-end/fixtures/recorded-outputs.json: what every stage makes of a fixed input.
//   npm run record-outputs
// Refuses where a stage makes something else under the same version: the parts of every corpus would be taken for new ones.
import { readFile, writeFile } from 'node:fs/promises';
import { computeOutputs, recordFile, violations } from '../tests/end-to-end/recorded-outputs.ts';

const recorded = await readFile(recordFile, 'utf8').then(JSON.parse, () => ({ outputs: {} }));
const now = await computeOutputs();
const wrong = recorded.node === now.node ? violations(recorded, now) : [];
if (wrong.length > 0) {
  console.error(
    `other output under the same version: ${wrong.join(', ')}\n  hint: raise the version of the stage`,
  );
  process.exitCode = 1;
} else {
  await writeFile(recordFile, `${JSON.stringify(now, null, 2)}\n`);
}
