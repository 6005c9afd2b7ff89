// Extractors of others over the same pages: trafilatura (Python) and Defuddle on linkedom. Their answers are kept in a
// folder, since they take minutes.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseHtml, subtreeText } from '@gristmill/markup';
import { extractDocument } from '@gristmill/extract';
import type { QualityPage } from './quality-pages.ts';

export interface Answer {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly author?: string;
  readonly date?: string;
}

export async function ourAnswers(pages: readonly QualityPage[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { id, html, url } of pages) {
    const bytes = new TextEncoder().encode(html);
    const result = await extractDocument({ bytes, charset: 'utf-8', mediaType: 'text/html', url });
    answers.push('text' in result ? { id, ...result } : { id, text: '' });
  }
  return answers;
}

/** `peers` is a folder with `venv/` and `node_modules/`; `cache` keeps the answers by `name`. */
export async function peerAnswers(
  pages: readonly QualityPage[],
  { peers, cache, name }: { peers: string; cache: string; name: string },
): Promise<Map<string, Answer[]>> {
  mkdirSync(cache, { recursive: true });
  const kept = async (peer: string, make: () => Answer[] | Promise<Answer[]>): Promise<Answer[]> => {
    const file = join(cache, `${name}-${peer}.json`);
    if (!existsSync(file)) writeFileSync(file, JSON.stringify(await make()));
    return JSON.parse(readFileSync(file, 'utf8')) as Answer[];
  };
  return new Map([
    ['trafilatura', await kept('trafilatura', () => trafilatura(pages, peers))],
    ['Defuddle', await kept('defuddle', () => defuddle(pages, peers))],
  ]);
}

function trafilatura(pages: readonly QualityPage[], peers: string): Answer[] {
  const program = new URL('./trafilatura-pages.py', import.meta.url).pathname;
  const output = execFileSync(join(peers, 'venv/bin/python'), [program], {
    input: pages.map(({ id, html, url }) => JSON.stringify({ id, html, url })).join('\n'),
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

interface DefuddleResult {
  readonly content?: string;
  readonly title?: string;
  readonly author?: string;
  readonly published?: string;
}

async function defuddle(pages: readonly QualityPage[], peers: string): Promise<Answer[]> {
  const require = createRequire(join(peers, 'package.json'));
  const { parseHTML } = require('linkedom') as { parseHTML(html: string): { document: unknown } };
  const { Defuddle } = (await import(
    pathToFileURL(join(peers, 'node_modules/defuddle/dist/node.js')).href
  )) as { Defuddle(document: unknown, url: string): Promise<DefuddleResult> };
  const answers: Answer[] = [];
  for (const { id, html, url } of pages) {
    try {
      const found = await Defuddle(parseHTML(html).document, url ?? 'https://pages.example/');
      const text = subtreeText(parseHtml(`<body>${found.content ?? ''}`), 0);
      answers.push({ id, text, title: found.title, author: found.author, date: found.published });
    } catch {
      answers.push({ id, text: '' });
    }
  }
  return answers;
}
