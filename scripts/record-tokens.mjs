// Records what tiktoken gives for the texts of tests/tokenizer/strange-texts.ts, in tests/tokenizer/fixtures/tiktoken.json:
// the ids of the short texts, and of the seeded ones a digest for each hundred. Needs the Python of tests/python/setup.sh.
import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython } from '../tests/python/python.ts';
import { digestsOf, recordedTexts, recordedNames } from '../tests/tokenizer/recorded-texts.ts';
import { askTiktoken } from '../tests/tokenizer/tiktoken.ts';

const python = findPython(['tiktoken']);
if (!python) throw new Error('no Python with tiktoken: run tests/python/setup.sh');
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
const { short, seeded } = recordedTexts();
const encodings = {};
let version = '';
for (const name of recordedNames) {
  const answer = askTiktoken(python, folder, name, [...short, ...seeded]);
  version = answer.version;
  encodings[name] = {
    short: answer.ids.slice(0, short.length),
    seeded: digestsOf(answer.ids.slice(short.length)),
  };
}
const file = new URL('../tests/tokenizer/fixtures/tiktoken.json', import.meta.url);
writeFileSync(file, `${JSON.stringify({ tiktoken: version, texts: textsDigest(), encodings })}\n`);

/** Tells a change of the texts from a change of the ids. */
function textsDigest() {
  return createHash('sha256')
    .update(JSON.stringify([short, seeded]))
    .digest('hex');
}
