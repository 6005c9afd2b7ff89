// Puts the language model together from the weights of all scripts.
//   node scripts/language-model/assemble.mjs WORK OUT

import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { encodeLanguageModel } from '../../libs/detect/src/language/language-model.ts';
import { languageSets } from './language-sets.mjs';
import { readWeights, scale } from './weights-file.mjs';

const [work, out] = process.argv.slice(2);
const scripts = Object.keys(languageSets).map((script) => {
  const saved = readWeights(work, script);
  return {
    ...saved,
    hashes: Uint32Array.from(saved.hashes),
    counts: Uint8Array.from(saved.counts),
    owners: Uint8Array.from(saved.owners),
    weights: Int8Array.from(saved.weights),
  };
});
const { head, body } = encodeLanguageModel({ scale, scripts });
const packed = brotliCompressSync(body, {
  params: {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  },
});
writeFileSync(out, Buffer.concat([head, packed]));
console.error(`${out}: ${head.length + packed.length} bytes`);
