// What tiktoken itself gives, with the ranks that npm's gpt-tokenizer holds.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runPython } from '../python/python.ts';

const program = `
import base64, json, sys, tiktoken
from tiktoken_ext import openai_public
name, ranks, texts = sys.argv[1:]
table = {base64.b64decode(t): int(i) for t, i in (l.split() for l in open(ranks) if l.strip())}
openai_public.load_tiktoken_bpe = lambda *a, **k: table
openai_public.data_gym_to_mergeable_bpe_ranks = lambda *a, **k: table
encoding = tiktoken.Encoding(**getattr(openai_public, name)())
print(json.dumps({'version': tiktoken.__version__, 'ids': [encoding.encode_ordinary(t) for t in json.load(open(texts))]}))
`;

/** @param folder a temporary one, for the texts */
export function askTiktoken(
  python: string,
  folder: string,
  name: string,
  texts: readonly string[],
): { version: string; ids: number[][] } {
  const file = join(folder, 'tiktoken-texts.json');
  writeFileSync(file, JSON.stringify(texts));
  const ranks = name === 'gpt2' ? 'r50k_base' : name;
  const ranksFile = fileURLToPath(import.meta.resolve(`gpt-tokenizer/data/${ranks}.tiktoken`));
  return JSON.parse(runPython(python, program, [name, ranksFile, file])) as {
    version: string;
    ids: number[][];
  };
}
