// unbzip2-stream brings no types: the little of it that Gristmill uses.
declare module 'unbzip2-stream' {
  interface Unbzip2 {
    on(event: 'data', listener: (data: Uint8Array) => void): unknown;
    on(event: 'error', listener: (error: Error) => void): unknown;
    on(event: 'end', listener: () => void): unknown;
    write(piece: Buffer): unknown;
    end(): unknown;
  }
  export default function unbzip2(): Unbzip2;
}
