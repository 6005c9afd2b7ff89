// The part of yauzl 3 that is used here; the package brings no types.
declare module 'yauzl' {
  import type { Readable } from 'node:stream';

  export interface Entry {
    /** Bytes, as names are asked for undecoded. */
    readonly fileNameRaw: Buffer;
    readonly generalPurposeBitFlag: number;
    readonly extraFields: readonly { readonly id: number; readonly data: Buffer }[];
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
    readonly decodeStrings?: boolean;
  }
  export class RandomAccessReader {
    _readStreamForRange(start: number, end: number): Readable;
    read(
      buffer: Buffer,
      offset: number,
      length: number,
      position: number,
      done: (error?: Error) => void,
    ): void;
    close(done: (error?: Error) => void): void;
  }
  const yauzl: {
    fromRandomAccessReaderPromise(
      reader: RandomAccessReader,
      size: number,
      options: Options,
    ): Promise<ZipFile>;
    getFileNameLowLevel(flags: number, name: Buffer, extra: Entry['extraFields'], isStrict: boolean): string;
    RandomAccessReader: typeof RandomAccessReader;
  };
  export default yauzl;
}
