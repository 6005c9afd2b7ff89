// Small pictures of one shape in one colour at one place, drawn with room for chance, and what is said of each: some
// combinations of the three are kept apart, so that a model must tell each by itself.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { createRandom, shuffle } from '@gristmill/core';
import { createWordCounter, trainTokenizer } from '@gristmill/tokenizer';
import { makeFolder } from './shards.ts';

type Inside = (x: number, y: number) => boolean;

/** Whether a point is inside, from −1 to 1. */
const shapes: Readonly<Record<string, Inside>> = {
  circle: (x, y) => Math.hypot(x, y) < 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) < 0.85,
  triangle: (x, y) => y < 0.8 && 2 * Math.abs(x) < y + 1,
  cross: (x, y) => Math.min(Math.abs(x), Math.abs(y)) < 0.3 && Math.max(Math.abs(x), Math.abs(y)) < 1,
  ring: (x, y) => Math.hypot(x, y) < 1 && Math.hypot(x, y) > 0.55,
};
const colours: Readonly<Record<string, readonly [number, number, number]>> = {
  red: [220, 40, 40],
  green: [40, 190, 60],
  blue: [50, 70, 230],
  yellow: [230, 220, 50],
  purple: [170, 50, 200],
  white: [235, 235, 235],
};
const rows = ['top', 'middle', 'bottom'];
const columns = ['left', 'centre', 'right'];

interface Scene {
  readonly text: string;
  readonly shape: Inside;
  readonly colour: readonly [number, number, number];
  /** 0 … 2 each. */
  readonly place: readonly [number, number];
}

const scenes: readonly Scene[] = Object.entries(shapes).flatMap(([name, shape]) =>
  Object.entries(colours).flatMap(([colourName, colour]) =>
    rows.flatMap((row, y) =>
      columns.map((column, x) => ({
        text: `${name} ${colourName} ${row} ${column}`,
        ...{ shape, colour, place: [x, y] as const },
      })),
    ),
  ),
);

export const side = 32;

/** Its size, place within its third, colour and ground are drawn. */
function draw({ shape, colour, place }: Scene, random: () => number): Buffer {
  const png = new PNG({ width: side, height: side });
  const third = side / 3;
  const radius = 4.5 + 0.8 * random();
  const centre = place.map((at) => (at + 0.5) * third + 1.4 * random() - 0.7);
  const ground = 70 * random();
  const shade = colour.map((value) => Math.min(255, Math.max(0, value + 40 * random() - 20)));
  for (let i = 0; i < side * side; i++) {
    const [x, y] = [i % side, Math.floor(i / side)].map((at, axis) => (at + 0.5 - centre[axis]) / radius);
    const value = shape(x, y) ? shade : [ground, ground, ground];
    png.data.set([...value, 255], 4 * i);
  }
  return PNG.sync.write(png);
}

export interface Shapes {
  readonly folder: string;
  /** JSON lines {image, text}. */
  readonly train: string;
  /** The same of combinations that are not among those. */
  readonly heldOut: string;
  readonly tokenizer: string;
  readonly counts: { readonly scenes: number; readonly heldOut: number };
}

/** A fifth of the combinations is held out. */
export function writeShapes({ variants, tests }: { variants: number; tests: number }): Shapes {
  const folder = makeFolder('shapes');
  const random = createRandom(7);
  const order = shuffle([...scenes], random);
  const apart = order.slice(0, scenes.length / 5);
  const write = (name: string, chosen: readonly Scene[], times: number) => {
    mkdirSync(join(folder, name));
    const lines = Array.from({ length: times }, (_, variant) => variant).flatMap((variant) =>
      chosen.map((scene, i) => {
        const image = `${name}/${variant}-${i}.png`;
        writeFileSync(join(folder, image), draw(scene, random));
        return JSON.stringify({ image, text: scene.text });
      }),
    );
    const file = join(folder, `${name}.jsonl`);
    writeFileSync(file, `${lines.join('\n')}\n`);
    return file;
  };
  const counter = createWordCounter({ type: 'bpe' });
  for (const { text } of scenes) counter.addText(text);
  const tokenizer = join(folder, 'tokenizer.json');
  const json = trainTokenizer(counter.words(), { type: 'bpe', vocabSize: 340 });
  writeFileSync(tokenizer, JSON.stringify(json));
  return {
    folder,
    train: write('train', order.slice(apart.length), variants),
    heldOut: write('held-out', apart, tests),
    tokenizer,
    counts: { scenes: scenes.length, heldOut: apart.length },
  };
}
