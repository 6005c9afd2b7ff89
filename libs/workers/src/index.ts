export type { Job, JobFactory, JobFunction, StringBatch, WorkerPool } from './worker-pool.ts';
