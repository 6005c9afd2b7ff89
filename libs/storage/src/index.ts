export type { Store, StoredFile, StoreReference, StoreWriter } from './store.ts';
export { missingFile, openStore, readJson } from './store.ts';
export { openDiskStore } from './disk-store.ts';
export { openOverlayStore } from './overlay-store.ts';
