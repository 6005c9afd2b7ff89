export type { Job, JobFactory, JobFunction, StringBatch, WorkerPool } from './worker-pool.ts';
export { createPool } from './create-pool.ts';
export { mapInOrder } from './map-in-order.ts';
export { allowOwnModules } from './own-modules.ts';
export { packStrings, unpackStrings } from './string-batch.ts';
