// A bare BertModel that others trained, imported: cosines of its embeddings are those that its makers print, and embeddings
// of texts of all lengths those of PyTorch.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { findPython, runPython } from '../python/python.ts';
import { fetchMiniLm } from './minilm.ts';
import { makeFolder } from './shards.ts';

const program = fileURLToPath(new URL('../../apps/trainer/bin/gristmill-trainer.mjs', import.meta.url));
const python = findPython(['torch', 'transformers']);
const downloaded = fetchMiniLm(python);
const why = python ? '' : ' (skipped: no Python with torch and transformers)';
const embed = readFileSync(fileURLToPath(new URL('../python/embed.py', import.meta.url)), 'utf8');

const happy = [
  'That is a happy person',
  'That is a happy dog',
  'That is a very happy person',
  'Today is a sunny day',
];
const random = createRandom(8);
const vocabulary =
  'The miller, grinding corn; 12 wheels & Ünïcode façades: 東京 – “quoted” isn’t 🙂 unbelievably'.split(' ');
const others = Array.from({ length: 40 }, (_, i) =>
  Array.from(
    { length: Math.floor(i ** 1.7) },
    () => vocabulary[Math.floor(random() * vocabulary.length)],
  ).join(' '),
);

test.skipIf(!python)(
  `embeddings of a real encoder are those of PyTorch, cosines those published${why}`,
  () => {
    const folder = makeFolder('embed');
    const model = join(folder, 'model');
    expect(spawnSync(process.execPath, [program, 'import', downloaded!, '--out', model]).status).toBe(0);
    const file = join(folder, 'texts.jsonl');
    writeFileSync(file, [...happy, ...others].map((text) => JSON.stringify({ text })).join('\n'));
    const { stdout, stderr } = spawnSync(process.execPath, [program, 'embed', '--model', model, file], {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    const ours = stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { embedding: number[] }).embedding);
    const cosines = ours.slice(1, 4).map((vector) => vector.reduce((sum, x, i) => sum + x * ours[0][i], 0));
    [0.69457734, 0.94291508, 0.25687613].forEach((published, i) =>
      expect(Math.abs(cosines[i] - published)).toBeLessThan(1e-5),
    );
    const theirs = JSON.parse(
      runPython(python!, embed, [downloaded!], readFileSync(file, 'utf8')),
    ) as number[][];
    expect(ours).toHaveLength(theirs.length);
    ours.forEach((vector, n) =>
      vector.forEach((x, i) => expect(Math.abs(x - theirs[n][i])).toBeLessThan(1e-5)),
    );
    expect(stderr).toMatch(/^\d+ items longer than the 512 tokens that the model reads were cut\n$/);
  },
);
