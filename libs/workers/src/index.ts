export type { Job, JobFactory, JobFunction, StringBatch, WorkerPool } from './worker-pool.ts';
export { createPool, mapInOrder } from './create-pool.ts';
export { allowOwnModules } from './own-modules.ts';
export { packStrings, unpackStrings } from './string-batch.ts';
