// The package ships no types: bzip2 1.0.8 compiled to WebAssembly.
declare module 'bzip2-wasm' {
  export default class BZip2 {
    init(): Promise<void>;
    /** `level` 1 to 9 is the block size in 100 kB. */
    compress(data: Uint8Array, level: number): Uint8Array;
  }
}
