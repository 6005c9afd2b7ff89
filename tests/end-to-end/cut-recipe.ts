// The demo's recipe on sources of our own making: its steps as they are, a small vocabulary, four kinds of sources of
// some hundred kilobytes. The sentences are the repository's own documents, recombined by a seed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createRandom, shuffle } from '@gristmill/core';

const repository = new URL('../..', import.meta.url).pathname;

export interface CutDemo {
  readonly folder: string;
  /** Runs `gristmill` with arguments; ends as it ends. */
  run(corpus: string, ...flags: string[]): Promise<Ended>;
  command(...args: string[]): Promise<Ended>;
  /** Kills it hard after some milliseconds; undefined signal when it was done before. */
  killAfter(corpus: string, ms: number): Promise<NodeJS.Signals | null>;
  write(path: string, text: string): Promise<void>;
  files(corpus: string): Promise<Record<string, string>>;
  /** A folder with the recorded crawl and nothing else. */
  fresh(corpus: string): Promise<void>;
  copy(from: string, to: string): Promise<void>;
  close(): Promise<void>;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export async function makeCutDemo(): Promise<CutDemo> {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-demo-'));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  const say = createSpeaker(await readSentences());
  for (let i = 0; i < 3; i++) await write(`books/book-${i}.txt`, makeBook(say, i));
  for (let i = 0; i < 12; i++) await write(`articles/${i}.txt`, say(40, i === 7 ? 6 : 100 + i));
  await write('posts/all.jsonl', makePosts(say, 60).join('\n'));
  const server = await serve(say);
  const port = (server.address() as AddressInfo).port;
  await write('recipe.ts', recipeText(port));
  const start = (args: string[]) =>
    spawn(process.execPath, [join(repository, 'apps/cli/bin/gristmill.mjs'), ...args], {
      cwd: folder,
      env: { ...process.env, NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const runArgs = (corpus: string, flags: readonly string[]) => [
    'run',
    'recipe.ts',
    '--corpus',
    corpus,
    '--lock',
    'demo.lock',
    ...flags,
  ];
  const command = async (...args: string[]): Promise<Ended> => {
    const begun = performance.now();
    const child = start(args);
    const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
    const [code] = (await once(child, 'close')) as [number | null];
    return {
      code,
      stdout: stdout.join(''),
      stderr: stderr.join(''),
      seconds: (performance.now() - begun) / 1000,
    };
  };
  return {
    folder,
    command,
    run: (corpus, ...flags) => command(...runArgs(corpus, flags)),
    async killAfter(corpus, ms) {
      const child = start(runArgs(corpus, ['--workers', '2']));
      child.stdout.resume();
      child.stderr.resume();
      const timer = setTimeout(() => child.kill('SIGKILL'), ms);
      const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
      clearTimeout(timer);
      return signal;
    },
    write,
    async files(corpus) {
      const { builds } = JSON.parse(await readFile(join(folder, corpus, 'manifest.json'), 'utf8')) as {
        builds: string[];
      };
      const text = await readFile(join(folder, corpus, 'manifests', `${builds.at(-1)}.json`), 'utf8');
      const { files } = JSON.parse(text) as { files: { path: string; sha256: string }[] };
      return Object.fromEntries(files.map((file) => [file.path, file.sha256]));
    },
    async fresh(corpus) {
      await mkdir(join(folder, corpus), { recursive: true });
      await cp(join(folder, 'first/raw'), join(folder, corpus, 'raw'), {
        recursive: true,
        preserveTimestamps: true,
      });
    },
    copy: (from, to) =>
      cp(join(folder, from), join(folder, to), { recursive: true, preserveTimestamps: true }),
    async close() {
      server.close();
      server.closeAllConnections();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function collect(stream: NodeJS.ReadableStream): string[] {
  const chunks: string[] = [];
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => chunks.push(chunk));
  return chunks;
}

function recipeText(port: number): string {
  return `
import demo from ${JSON.stringify(join(repository, 'pipelines/demo.ts'))};

export default {
  ...demo,
  name: 'cut',
  partitions: 4,
  sources: [
    { name: 'books', kind: 'book', import: { module: '@gristmill/import', export: 'textBooksImporter' }, where: { root: 'books' } },
    { name: 'articles', kind: 'article', import: { module: '@gristmill/import', export: 'filesImporter' }, where: { root: 'articles' } },
    { name: 'posts', kind: 'post', import: { module: '@gristmill/import', export: 'jsonDocumentsImporter', options: { textField: '/text', idField: '/id' } }, where: { root: 'posts' } },
    {
      name: 'site', kind: 'web',
      crawl: { module: '@gristmill/crawl', export: 'webCrawler', options: { seeds: ['http://site.test/'] } },
      where: { hostMap: ['site.test=127.0.0.1:${port}'], allowPrivate: true },
    },
  ],
  steps: demo.steps.map((step) => (step.stage === 'tokenizer' ? { ...step, options: { vocabSize: 400 } } : step)),
};
`;
}

async function readSentences(): Promise<string[]> {
  const names = (await readdir(join(repository, 'docs'))).filter((name) => name.endsWith('.md')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(repository, 'docs', name), 'utf8')));
  return texts
    .join('\n')
    .replaceAll(/[`*|#>_[\\]]/g, ' ')
    .split(/(?<=[.:;])\s+/)
    .map((text) => text.trim())
    .filter((text) => text.length > 30 && text.length < 400);
}

type Speaker = (sentences: number, seed: number) => string;

function createSpeaker(sentences: readonly string[]): Speaker {
  return (count, seed) => {
    const random = createRandom(seed);
    const chosen = Array.from({ length: count }, () => sentences[Math.floor(random() * sentences.length)]);
    return chosen
      .map((text, i) => (i % 5 === 4 ? `${text}\n\n` : `${text} `))
      .join('')
      .trim();
  };
}

function makeBook(say: Speaker, seed: number): string {
  const chapters = Array.from({ length: 4 }, (_, i) => `CHAPTER ${i + 1}\n\n${say(60, 1000 * seed + i)}`);
  return `Title: Book ${seed}\n\n${chapters.join('\n\n\n')}\n`;
}

export function makePosts(say: Speaker, count: number): string[] {
  return Array.from({ length: count }, (_, i) => JSON.stringify({ id: `post-${i}`, text: say(3, 5000 + i) }));
}

async function serve(say: Speaker): Promise<Server> {
  const links = Array.from({ length: 8 }, (_, i) => `<a href="/page-${i}">page ${i}</a>`).join(' ');
  const server = createServer((request, response) => {
    const page = /^\/(?:page-(\d))?$/.exec(request.url ?? '');
    if (!page) return void response.writeHead(404).end();
    const body = say(30, 9000 + Number(page[1] ?? 9))
      .split('\n\n')
      .map((text) => `<p>${text.replaceAll('<', '&lt;')}</p>`)
      .join('\n');
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(
      `<!doctype html><title>Page</title><nav>${links}</nav><main><h1>Page ${page[1] ?? ''}</h1>${body}</main>`,
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

/** The same lines in another order. */
export function shuffleLines(text: string, seed: number): string {
  return shuffle(text.split('\n'), createRandom(seed)).join('\n');
}
