// Takes the lease of a folder, says so, and holds it until its input ends.
import { DataError } from '@gristmill/core';
import { openDiskStore, takeLease } from '@gristmill/storage';
import { busy } from './busy.ts';

const [root, beatMs] = process.argv.slice(2);
try {
  const store = openDiskStore({ root, sync: false });
  const lease = await takeLease(store, { work: 'held', busy, beatMs: Number(beatMs) });
  console.log('held');
  for await (const _ of process.stdin);
  await lease.release();
} catch (error) {
  console.log(error instanceof DataError ? error.code : String(error));
}
