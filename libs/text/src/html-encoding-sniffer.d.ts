// The package carries no types; this is the part of its interface that charset.ts uses.
declare module 'html-encoding-sniffer' {
  export default function sniffEncoding(
    bytes: Uint8Array,
    options: {
      xml?: boolean;
      transportLayerEncodingLabel?: string;
      defaultEncoding: string;
      maxPrescanBytes?: number;
    },
  ): string;
}
