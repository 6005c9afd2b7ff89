// Decodes an LZ4 frame (its format's specification 1.6.1), of which Arrow files are full. Checks every length against what
// is there, and no checksum. Blocks may refer to those before them.

const magic = 0x184d2204;
const mostBytes = 1 << 30;

/** Throws RangeError for what is damaged or longer than a GiB. */
export function decodeLz4Frame(data: Uint8Array): Uint8Array {
  const input = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (input.length < 7 || input.readUInt32LE(0) !== magic) throw new RangeError('no LZ4 frame');
  const flags = input[4];
  let at = 7 + (flags & 8 ? 8 : 0) + (flags & 1 ? 4 : 0);
  const output: Output = { bytes: Buffer.alloc(Math.max(1024, input.length * 4)), length: 0 };
  for (;;) {
    const head = input.readUInt32LE(at);
    if (head === 0) return output.bytes.subarray(0, output.length);
    const length = head & 0x7fffffff;
    const block = input.subarray(at + 4, at + 4 + length);
    if (block.length < length) throw new RangeError('the frame is cut');
    if (head >>> 31) append(output, block);
    else decodeBlock(block, output);
    at += 4 + length + (flags & 16 ? 4 : 0);
  }
}

interface Output {
  bytes: Buffer;
  length: number;
}

function decodeBlock(block: Buffer, output: Output): void {
  let at = 0;
  const extended = (length: number): number => {
    if (length < 15) return length;
    for (let total = length; ;) {
      if (at >= block.length) throw new RangeError('a length is cut');
      total += block[at];
      if (block[at++] < 255) return total;
    }
  };
  while (at < block.length) {
    const token = block[at++];
    const literals = extended(token >> 4);
    if (literals > block.length - at) throw new RangeError('literals are cut');
    append(output, block.subarray(at, at + literals));
    at += literals;
    // The last sequence has no match.
    if (at === block.length) return;
    if (at + 2 > block.length) throw new RangeError('an offset is cut');
    const offset = block.readUInt16LE(at);
    at += 2;
    copyMatch(output, offset, extended(token & 15) + 4);
  }
}

/** A match may reach into itself: then what it copies repeats. */
function copyMatch(output: Output, offset: number, length: number): void {
  if (offset === 0 || offset > output.length) throw new RangeError('an offset leads nowhere');
  reserve(output, length);
  const { bytes } = output;
  for (let end = output.length + length; output.length < end; output.length++)
    bytes[output.length] = bytes[output.length - offset];
}

function append(output: Output, piece: Uint8Array): void {
  reserve(output, piece.length);
  output.bytes.set(piece, output.length);
  output.length += piece.length;
}

function reserve(output: Output, more: number): void {
  const wanted = output.length + more;
  if (wanted > mostBytes) throw new RangeError('the frame is too long');
  if (wanted <= output.bytes.length) return;
  const larger = Buffer.alloc(Math.min(mostBytes, Math.max(wanted, output.bytes.length * 2)));
  larger.set(output.bytes.subarray(0, output.length));
  output.bytes = larger;
}
