// From an image to the numbers that a vision tower reads, as CLIP's own preparation does it: laid on white, the shorter side
// scaled to the model's by cubic interpolation, the middle cut out, each channel less its mean over its deviation.

import { channelDeviations, channelMeans } from '@gristmill/models';
import type { Image } from './read-image.ts';

/** @returns [3, size, size] */
export function toPixels(image: Image, size: number): Float32Array {
  const shorter = Math.min(image.width, image.height);
  // The longer side is rounded down, as torchvision and transformers do.
  const scale = (side: number) => (side === shorter ? size : Math.floor((side * size) / shorter));
  const [width, height] = [scale(image.width), scale(image.height)];
  const [left, top] = [width - size, height - size].map((rest) => Math.floor(rest / 2));
  const [across, down] = [weigh(image.width, width), weigh(image.height, height)];
  const pixels = new Float32Array(3 * size * size);
  for (let channel = 0; channel < 3; channel++) {
    const plane = layOnWhite(image, channel);
    const narrowed = resample(plane, image.width, image.height, across, left, size);
    const turned = transpose(narrowed, size, image.height);
    const small = transpose(resample(turned, image.height, size, down, top, size), size, size);
    const [mean, deviation] = [channelMeans[channel], channelDeviations[channel]];
    small.forEach((value, i) => {
      pixels[channel * size * size + i] = (toByte(value) / 255 - mean) / deviation;
    });
  }
  return pixels;
}

const toByte = (value: number) => Math.min(255, Math.max(0, Math.round(value)));

function layOnWhite({ width, height, data }: Image, channel: number): Float64Array {
  return Float64Array.from({ length: width * height }, (_, i) => {
    const opacity = data[4 * i + 3] / 255;
    return data[4 * i + channel] * opacity + 255 * (1 - opacity);
  });
}

interface Weights {
  readonly first: number;
  readonly weights: readonly number[];
}

/**
 * For each place of a side of `to` pixels, of which of `from` pixels it is made: the cubic of Keys (1981), a = −.5, as wide
 * as a pixel of the smaller side.
 */
function weigh(from: number, to: number): Weights[] {
  const scale = from / to;
  const stretch = Math.max(1, scale);
  const reach = 2 * stretch;
  return Array.from({ length: to }, (_, place) => {
    const centre = (place + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    const raw = Array.from({ length: end - first }, (_, i) => cubic((first + i - centre + 0.5) / stretch));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    return { first, weights: raw.map((weight) => weight / total) };
  });
}

function cubic(distance: number): number {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

/** Places `start` … `start + count − 1` of each row. */
function resample(
  plane: Float64Array,
  width: number,
  height: number,
  places: readonly Weights[],
  start: number,
  count: number,
): Float64Array {
  const result = new Float64Array(count * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < count; x++) {
      const { first, weights } = places[start + x];
      let sum = 0;
      for (let i = 0; i < weights.length; i++) sum += weights[i] * plane[y * width + first + i];
      result[y * count + x] = sum;
    }
  }
  return result;
}

function transpose(plane: Float64Array, width: number, height: number): Float64Array {
  const result = new Float64Array(plane.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) result[x * height + y] = plane[y * width + x];
  return result;
}
