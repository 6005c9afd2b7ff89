// Images from files: PNG by pngjs, JPEG by jpeg-js, told apart by their content.

import { readFile } from 'node:fs/promises';
import { DataError } from '@gristmill/core';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';

export interface Image {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue, opacity of each pixel, row by row from the top. */
  readonly data: Uint8Array;
}

/** More are refused: what a few bytes may claim must not take all memory. */
const mostPixels = 2 ** 26;

/** @throws DataError `image-unreadable` */
export async function readImage(path: string): Promise<Image> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw unreadable(path, 'it cannot be opened', cause);
  }
  return decodeImage(bytes, path);
}

/**
 * @param where for messages
 * @throws DataError `image-unreadable`
 */
export function decodeImage(bytes: Buffer, where: string): Image {
  const decode = findDecoder(bytes);
  if (decode === undefined) throw unreadable(where, 'it is neither PNG nor JPEG');
  try {
    const { width, height, data } = decode(bytes);
    return { width, height, data };
  } catch (cause) {
    throw unreadable(where, String((cause as Error).message ?? cause), cause);
  }
}

function findDecoder(bytes: Buffer): ((bytes: Buffer) => Image) | undefined {
  if (bytes.subarray(0, 8).equals(pngMark)) return decodePng;
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpeg;
  return undefined;
}

const pngMark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function decodePng(bytes: Buffer): Image {
  // IHDR comes first: its width and height are at 16 and 20.
  if (bytes.length < 24) throw new TypeError('it ends within its head');
  const pixels = bytes.readUInt32BE(16) * bytes.readUInt32BE(20);
  if (pixels > mostPixels) throw new TypeError(`it has ${pixels} pixels, more than ${mostPixels}`);
  return PNG.sync.read(bytes);
}

const decodeJpeg = (bytes: Buffer): Image =>
  jpeg.decode(bytes, { useTArray: true, maxResolutionInMP: mostPixels / 1e6, maxMemoryUsageInMB: 1024 });

function unreadable(where: string, why: string, cause?: unknown): DataError {
  return new DataError(
    'image-unreadable',
    `${where} cannot be read as an image: ${why}`,
    'give a PNG or a JPEG file of at most 64 million pixels',
    { cause },
  );
}
