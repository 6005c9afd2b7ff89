// A process with a pool, for tests of what ends it: `end-process.ts late-answer | fault`.
import { setTimeout } from 'node:timers/promises';
import { createPool } from '@gristmill/workers';
import { answered, mayAnswer, signal } from './jobs.ts';

const module = new URL('./jobs.ts', import.meta.url).href;
const pool = createPool(1);
if (process.argv[2] === 'late-answer') {
  const words = new Int32Array(new SharedArrayBuffer(8));
  // Asked for a third input while it hears of the first answer: the second is sent meanwhile, and its job is ended before it is read.
  const inputs = function* () {
    yield null;
    yield words;
    signal(words, mayAnswer);
    Atomics.wait(words, answered, 0);
    throw new Error('no third input');
  };
  try {
    for await (const output of pool.map({ module, export: 'answerWhenTold' }, inputs())) console.log(output);
  } catch (error) {
    console.log((error as Error).message);
  }
  console.log(await pool.run({ module, export: 'endlessOrFailing' }, 'next job'));
} else {
  await pool.run({ module, export: 'failAfterAnswer' }, null);
  await setTimeout(20_000);
}
await pool.close();
