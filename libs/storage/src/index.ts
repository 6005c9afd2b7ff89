export type { Store, StoredFile, StoreReference, StoreWriter } from './store.ts';
export { missingFile, openStore, readJson } from './store.ts';
export { announceReader, liveReaders, readersFolder } from './readers.ts';
export { openDiskStore } from './disk-store.ts';
export { listFiles, locateFile } from './file-names.ts';
export { openOverlayStore } from './overlay-store.ts';
export { isS3Location, type S3Options } from './s3-location.ts';
export { openStoreAt } from './open-store-at.ts';
export { openReadCache, type ReadCache, type ReadCacheOptions } from './read-cache.ts';
export {
  leaseLost,
  leaseState,
  takeFolderLease,
  takeLease,
  underLease,
  type Lease,
  type LeaseHolder,
  type LeaseRequest,
  type LeaseStore,
} from './lease.ts';
