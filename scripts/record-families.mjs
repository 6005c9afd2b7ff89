// Records in tests/tokenizer/fixtures/families.json what Hugging Face gives: a small tokenizer of every kind with its ids of
// some texts, and how transformers lays chats out. Needs the Python of tests/python/setup.sh.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPython, runPython } from '../tests/python/python.ts';
import { askTransformers, chatCases } from '../tests/tokenizer/chat-cases.ts';
import { recordedLines, recordedRules } from '../tests/tokenizer/family-corpus.ts';
import { digestOf, digestsOfTens, familyTexts } from '../tests/tokenizer/recorded-families.ts';

const python = findPython(['tokenizers', 'transformers', 'sentencepiece']);
if (!python) throw new Error('no Python with tokenizers and transformers: run tests/python/setup.sh');
const folder = mkdtempSync(join(tmpdir(), 'gristmill-'));
const { shown, rest } = familyTexts();
const file = (name, text) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const largest = 360;
// Too large, or the same as another.
const left = /^split-(removed|merged|contiguous)|^t5-(new|first)|^llama-first|^deepseek/;
const source = readFileSync(new URL('../tests/tokenizer/build-tokenizers.py', import.meta.url), 'utf8');
const answers = JSON.parse(
  runPython(python, source, [
    folder,
    file('texts', JSON.stringify([...shown, ...rest])),
    file('corpus', recordedLines.join('\n')),
    String(largest),
    file('rules', recordedRules),
  ]),
);
const families = Object.fromEntries(
  Object.entries(answers)
    .filter(([name]) => !left.test(name))
    .map(([name, { special, decoded, template }]) => [
      name,
      {
        tokenizer: JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')),
        shown: special.slice(0, shown.length),
        ids: digestsOfTens(special.slice(shown.length)),
        decoded: digestsOfTens(decoded.slice(shown.length)),
        template,
      },
    ]),
);
const cases = chatCases(({ style }) => style !== 'clock');
const laidOut = askTransformers(python, cases);
const chats = Object.fromEntries(
  [...new Set(cases.map(({ style }) => style))].map((style) => [
    style,
    digestOf(laidOut.filter((_, i) => cases[i].style === style)),
  ]),
);
const [tokenizers, transformers] = runPython(
  python,
  'import tokenizers, transformers; print(tokenizers.__version__, transformers.__version__)',
)
  .trim()
  .split(' ');
const record = { tokenizers, transformers, texts: digestOf([shown, rest]), families, chats };
writeFileSync(
  new URL('../tests/tokenizer/fixtures/families.json', import.meta.url),
  `${JSON.stringify(record)}\n`,
);
