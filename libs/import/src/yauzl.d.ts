// The part of yauzl 3 that is used here; the package brings no types.
declare module 'yauzl' {
  import type { Readable } from 'node:stream';

  export interface Entry {
    readonly fileName: string;
    readonly uncompressedSize: number;
    readonly compressedSize: number;
    readonly crc32: number;
    canDecodeFileData(): boolean;
    isEncrypted(): boolean;
  }
  export interface ZipFile {
    readonly entryCount: number;
    eachEntry(): AsyncIterable<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }
  export interface Options {
    readonly lazyEntries?: boolean;
    readonly autoClose?: boolean;
    readonly strictFileNames?: boolean;
  }
  const yauzl: {
    openPromise(path: string, options: Options): Promise<ZipFile>;
    fromBufferPromise(buffer: Buffer, options: Options): Promise<ZipFile>;
  };
  export default yauzl;
}
