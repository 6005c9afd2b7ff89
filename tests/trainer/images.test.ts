// Images as a model reads them: decoded, scaled as torch scales them, refused where they are none; and what a small model
// that sees writes of them with and without a cache.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import {
  buildLogitsProgram,
  channelDeviations,
  channelMeans,
  createCaptions,
  createModel,
  initialise,
  type ModelConfig,
} from '@gristmill/models';
import { openCpuExecutor, type Tensor } from '@gristmill/tensor';
import { createDecoder, decodeImage, readImage, toPixels } from '@gristmill/trainer';
import { runOnCpu } from '../models/run-on-cpu.ts';
import { makeFolder } from './shards.ts';
import { smallLlava } from './small-llava.ts';

const random = createRandom(11);
const draw = (width: number, height: number) => ({
  width,
  height,
  data: Uint8Array.from({ length: 4 * width * height }, (_, i) => (i % 4 === 3 ? 255 : 256 * random())),
});

test('PNG and JPEG are told apart by their content, not their name', async () => {
  const folder = makeFolder('images');
  mkdirSync(folder, { recursive: true });
  const image = draw(9, 5);
  const png = new PNG({ width: 9, height: 5 });
  png.data.set(image.data);
  writeFileSync(join(folder, 'a.jpg'), PNG.sync.write(png));
  expect(await readImage(join(folder, 'a.jpg'))).toEqual({ ...image, data: Buffer.from(image.data) });
  const grey = { width: 16, height: 8, data: new Uint8Array(4 * 128).fill(128) };
  const { width, height, data } = decodeImage(jpeg.encode(grey, 95).data, 'grey');
  expect([width, height]).toEqual([16, 8]);
  expect(Math.abs(data[0] - 128)).toBeLessThanOrEqual(2);
});

test('what is no image, is cut or claims too much is refused by name', async () => {
  const png = PNG.sync.write(new PNG({ width: 40, height: 40 }));
  const huge = Buffer.from(png);
  huge.writeUInt32BE(1 << 20, 16);
  huge.writeUInt32BE(1 << 20, 20);
  const cases = [Buffer.alloc(0), Buffer.from('GIF89a'), png.subarray(0, 20), png.subarray(0, 50), huge];
  for (const bytes of [...cases, jpeg.encode(draw(8, 8), 90).data.subarray(0, 60)])
    expect(() => decodeImage(bytes, 'x')).toThrow(/x cannot be read as an image/);
  await expect(readImage('/nowhere/x.png')).rejects.toMatchObject({ code: 'image-unreadable' });
});

test('damaged files are refused or read, and never end in anything else', () => {
  const png = PNG.sync.write(new PNG({ width: 12, height: 12 }));
  const photo = jpeg.encode(draw(16, 16), 80).data;
  for (let round = 0; round < 300; round++) {
    const bytes = Buffer.from(round % 2 === 0 ? png : photo);
    for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = 256 * random();
    try {
      const { width, height, data } = decodeImage(bytes, 'x');
      expect(data.length).toBe(4 * width * height);
    } catch (error) {
      expect(error).toMatchObject({ code: 'image-unreadable' });
    }
  }
});

test('an image of one colour has that colour, whatever its size; what is transparent is white', () => {
  for (const [width, height] of [
    [7, 7],
    [100, 31],
    [3, 40],
  ]) {
    const data = new Uint8Array(4 * width * height);
    for (let i = 0; i < data.length; i += 4) data.set([10, 200, 90, 255], i);
    const pixels = toPixels({ width, height, data }, 16);
    expect(pixels).toHaveLength(3 * 256);
    [10, 200, 90].forEach((value, channel) => {
      const expected = (value / 255 - channelMeans[channel]) / channelDeviations[channel];
      for (const i of [0, 100, 255]) expect(pixels[channel * 256 + i]).toBeCloseTo(expected, 5);
    });
  }
  const clear = toPixels({ width: 4, height: 4, data: new Uint8Array(64) }, 4);
  expect(clear[0]).toBeCloseTo((1 - channelMeans[0]) / channelDeviations[0], 5);
});

const config = { ...smallLlava, vocabSize: 50, imageTokenId: 49 } as ModelConfig;

test('a caption stands after its image, and each of its tokens and its end is a target', () => {
  const image = { size: 2, tokens: 3 };
  const captions = createCaptions({ image, sequenceLength: 6, tokens: { image: 9, endOfText: 0 } });
  const pixels = Float32Array.from({ length: 12 }, (_, i) => i);
  const batch = captions.build([
    { pixels, text: [4, 5] },
    { pixels, text: [1, 2, 3, 4, 5] },
  ]);
  expect([...batch.tokens]).toEqual([9, 9, 9, 4, 5, 0, 9, 9, 9, 1, 2, 3]);
  expect([...batch.targets]).toEqual([-1, -1, 4, 5, 0, -1, -1, -1, 1, 2, 3, 4]);
  expect([...batch.imagePlaces]).toEqual([0, 1, 2, -1, -1, -1, 0, 1, 2, -1, -1, -1]);
  expect([...batch.pixels]).toEqual([...pixels, ...pixels]);
});

test('token by token with a cache a model that sees has the logits of the whole row, and other images give others', async () => {
  const model = createModel(config);
  const weights = new Map(model.parameters().map((spec, i) => [spec.name, initialise(spec, i, 3)]));
  const executor = openCpuExecutor({ threads: 1 });
  const parameters: Record<string, Tensor> = {};
  for (const { name, shape } of model.parameters())
    parameters[name] = await executor.upload({ shape, dtype: 'f32' }, weights.get(name)!);
  const [one, other] = [draw(32, 32), draw(32, 32)].map((image) => toPixels(image, 32));
  const tokens = [5, ...new Array<number>(16).fill(49), 7, 8, 9];
  const places = tokens.map((token, i) => (token === 49 ? i - 1 : -1));
  const further = {
    pixels: { shape: [3, 32, 32], dtype: 'f32' },
    imagePlaces: { shape: [20], dtype: 'i32' },
  } as const;
  const program = buildLogitsProgram(model, { batch: 1, length: 20, further });
  const whole = await runOnCpu(program, {
    ...Object.fromEntries(weights),
    tokens,
    imagePlaces: places,
    pixels: one,
  });
  const decoder = await createDecoder({ executor, model, parameters, capacity: 20, pixels: one });
  const rowOf = (i: number) => whole.logits.slice(50 * i, 50 * (i + 1));
  const off = (got: Float32Array, i: number) =>
    Math.max(...rowOf(i).map((value, j) => Math.abs(value - got[j])));
  for (const length of [3, 12, 17, 18, 20])
    // it may be asked within the image too
    expect(off(await decoder.next(tokens.slice(0, length)), length - 1)).toBeLessThan(1e-4);
  decoder.close();
  const second = await createDecoder({ executor, model, parameters, capacity: 20, pixels: other });
  expect(off(await second.next(tokens), 19)).toBeGreaterThan(1e-3);
  await executor.close();
});

test('an image is prepared as torch does it: recorded numbers', () => {
  const { cases } = JSON.parse(readFileSync(new URL('./recorded-pixels.json', import.meta.url), 'utf8')) as {
    cases: { width: number; height: number; size: number; expected: number[] }[];
  };
  for (const { width, height, size, expected } of cases) {
    const data = Uint8Array.from({ length: 4 * width * height }, (_, i) =>
      i % 4 === 3 ? 255 : (i * i * 7 + 13 * i) % 256,
    );
    const pixels = toPixels({ width, height, data }, size);
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - pixels[i])));
    expect(worst).toBeLessThan(1.01 / 255 / 0.261); // half a step of a byte may round either way
    expect(pixels).toHaveLength(expected.length);
  }
});
