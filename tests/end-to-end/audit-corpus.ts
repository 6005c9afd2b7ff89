// A corpus for the tests of the audit: a crawl of three hosts that say different things about training, essays under
// CC BY with titles and authors, notes of no licence, copies, personal data, a title that is a formula, and a document that
// somebody asked to have forgotten.
import { createRandom } from '@gristmill/core';
import { forget, type Recipe } from '@gristmill/corpus';
import { TestCorpus } from '../corpus/corpora.ts';
import { startServer, type LocalServer } from '../http/local-server.ts';

const hosts = ['open.example.org', 'www.closed.example.net', 'reserved.example.co.uk'];

const steps: Recipe['steps'] = [
  { stage: 'extract', module: '@gristmill/extract', export: 'extractStage' },
  { stage: 'clean', module: '@gristmill/clean', export: 'cleanStage' },
  { stage: 'annotate', module: '@gristmill/annotate', export: 'languageStage' },
  { stage: 'annotate', module: '@gristmill/annotate', export: 'heuristicsStage' },
  { stage: 'annotate', module: '@gristmill/annotate', export: 'personalDataStage' },
  { stage: 'annotate', module: '@gristmill/annotate', export: 'licenceStage' },
  { stage: 'dedup', module: '@gristmill/dedup', export: 'dedupStage' },
  {
    stage: 'select',
    module: '@gristmill/select',
    export: 'selectStage',
    options: { split: { validation: 0.1 }, policies: { post: ['gopher'] } },
  },
  { stage: 'tokenizer', module: '@gristmill/pack', export: 'tokenizerStage', options: { vocabSize: 300 } },
  { stage: 'pack', module: '@gristmill/pack', export: 'packStage' },
];

function recipe(server: Pick<LocalServer, 'port'>): Recipe {
  return {
    name: 'audited',
    partitions: 4,
    contact: 'removal@mill.example',
    sources: [
      {
        name: 'site',
        kind: 'web',
        crawl: {
          module: '@gristmill/crawl',
          export: 'webCrawler',
          options: { seeds: hosts.map((host) => `http://${host}/`) },
        },
        where: {
          hostMap: hosts.map((host) => `${host}=127.0.0.1:${server.port}`),
          allowPrivate: true,
          delayMs: 0,
          agent: 'MillBot',
          contact: 'https://mill.example/bot',
        },
      },
      {
        name: 'essays',
        kind: 'article',
        licence: 'CC-BY-4.0',
        import: {
          module: '@gristmill/import',
          export: 'jsonDocumentsImporter',
          options: {
            textField: 'text',
            idField: 'id',
            titleField: 'title',
            authorField: 'author',
            urlField: 'url',
          },
        },
        where: { root: 'essays' },
      },
      {
        name: 'notes',
        kind: 'post',
        import: { module: '@gristmill/import', export: 'filesImporter' },
        where: { root: 'scraps' },
      },
    ],
    steps,
  };
}

const words =
  'the miller ground his corn at dawn and sold good flour to every baker of that old town by noon while rain fell on hills'.split(
    ' ',
  );

export function sentences(count: number, seed: number): string {
  const random = createRandom(seed);
  return Array.from({ length: count }, () => {
    const length = 9 + Math.floor(random() * 8);
    const chosen = Array.from({ length }, () => words[Math.floor(random() * words.length)]);
    return `${chosen.join(' ')}.`;
  }).join(' ');
}

const page = (title: string, seed: number, more = '') =>
  `<html><head><title>${title}</title></head><body><article><h1>${title}</h1><p>${sentences(14, seed)}</p>${more}</article></body></html>`;

const licensed =
  '<p>This text is licensed under <a rel="license" href="https://creativecommons.org/licenses/by-sa/4.0/">CC BY-SA 4.0</a>.</p>';

type Answer = readonly [body: string, headers?: Readonly<Record<string, string>>];

function siteOf(host: string): Readonly<Record<string, Answer>> {
  const links = ['/one', '/two', '/three', '/private/x']
    .map((path) => `<a href="${path}">${path}</a>`)
    .join(' ');
  const number = hosts.indexOf(host) * 100;
  const plain: Record<string, Answer> = {
    '/': [page(`Front of ${host}`, number, links)],
    '/one': [page('One', number + 1, licensed)],
    '/two': [page('Two', number + 2)],
    '/three': [
      page('Three', number + 3, '<p>Write to anna.miller@mill-house.org or call 192.0.2.17 now.</p>'),
    ],
  };
  if (host === hosts[1])
    return {
      ...plain,
      '/robots.txt': ['User-agent: *\nContent-Signal: search=yes, ai-train=no\nAllow: /\n', text],
    };
  if (host === hosts[2])
    return {
      ...plain,
      '/.well-known/tdmrep.json': [JSON.stringify([{ location: '/two', 'tdm-reservation': 1 }]), json],
      '/three': [plain['/three'][0], { ...html, 'x-robots-tag': '=cmd(), noai, noarchive' }],
    };
  return {
    ...plain,
    '/robots.txt': ['User-agent: *\nContent-Usage: train-ai=y\nDisallow: /private\n', text],
  };
}

const text = { 'content-type': 'text/plain' };
const json = { 'content-type': 'application/json' };
const html = { 'content-type': 'text/html' };

/** The same recipe with an agreement for a host that said no. */
export async function agree(corpus: TestCorpus): Promise<void> {
  const agreement = { kind: 'contract', reference: 'C-2026-4', domain: 'closed.example.net' };
  const select = { ...steps[7], options: { ...steps[7].options, consent: { override: [agreement] } } };
  await corpus.setRecipe({ ...recipe({ port: 1 }), steps: steps.with(7, select) });
  await corpus.run();
}

/** Built, with one request for erasure done: of an essay that had a copy. */
export async function makeAuditCorpus(): Promise<TestCorpus> {
  await using server = await startServer((request, response) => {
    const host = request.headers.host?.split(':')[0] ?? '';
    const answer = siteOf(host)[request.url ?? '/'];
    if (answer) response.writeHead(200, answer[1] ?? html).end(answer[0]);
    else response.writeHead(404).end();
  });
  const corpus = await TestCorpus.make(0, recipe(server) as never);
  const essay = sentences(16, 900);
  const essays = [
    {
      id: 'e0',
      title: '=HYPERLINK("http://evil.example","x")',
      author: 'Eve, the "cook"',
      text: sentences(12, 901),
    },
    { id: 'e1', title: 'On mills', author: 'Ada Mill', url: 'https://essays.example.org/mills', text: essay },
    {
      id: 'e2',
      title: 'On mills, again',
      author: 'Bob Copy',
      text: essay.replace(/\.[^.]*\.$/, '. It went wrong.'),
    },
    ...Array.from({ length: 5 }, (_, i) => ({
      id: `e${i + 3}`,
      title: `Essay ${i}`,
      text: sentences(10, 910 + i),
    })),
  ];
  await corpus.write('essays/all.jsonl', essays.map((entry) => JSON.stringify(entry)).join('\n'));
  for (let i = 0; i < 6; i++) await corpus.write(`scraps/note-${i}.txt`, sentences(12, 950 + i));
  await corpus.write('scraps/short.txt', 'Great flour! Buy it.');
  await corpus.run();
  return corpus;
}

export async function forgetEssay(corpus: TestCorpus): Promise<void> {
  await forget(corpus.store(), {
    names: ['https://essays.example.org/mills'],
    workers: 0,
    request: { requestId: 'R-17', receivedAt: '2026-11-02', kind: 'copyright' },
  });
}
