// What `train` does, in this process: a test starts the program only where the program itself is the matter.
import { openShardSource, openExecutor, prepareRun, train, writeRunDescription } from '@gristmill/trainer';

export type Request = Parameters<typeof prepareRun>[0];

export async function trainHere(request: Request, executorName = 'cpu') {
  const prepared = await prepareRun(request);
  await writeRunDescription(prepared);
  const { settings, model, objective, store, index, data, initial } = prepared;
  const source = await openShardSource({ shards: prepared.shards, index, settings, objective, ...data });
  const executor = await openExecutor({ name: executorName, threads: 1 });
  try {
    return await train({ executor, model, objective, settings, source, run: store, initial });
  } finally {
    await executor.close();
    await source.close();
  }
}
