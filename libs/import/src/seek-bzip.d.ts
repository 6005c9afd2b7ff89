// The package carries no types; this is the part of its interface that bzip2-blocks.ts uses.
declare module 'seek-bzip' {
  const seekBzip: {
    /** @param bit of `input`, which begins with a header, where the block begins */
    decodeBlock(input: Buffer, bit: number): Uint8Array;
  };
  export default seekBzip;
}
