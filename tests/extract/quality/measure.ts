// Our extractor beside trafilatura and Defuddle on the same pages: titles, authors, dates, and 4-gram F1.
//   node tests/extract/quality/measure.ts --peers FOLDER --cache FOLDER [--show title|author|date]
// The held-out third of article-pages is what counts; `--show` lists differences on the other two thirds only.
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ngramScore } from './ngram-score.ts';
import { ourAnswers, peerAnswers, type Answer } from './peer-extractors.ts';
import { articlePages, readabilityPages, type QualityPage } from './quality-pages.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    peers: { type: 'string' },
    cache: { type: 'string', default: 'extraction-quality' },
    show: { type: 'string' },
  },
});
const fields = ['title', 'author', 'date'] as const;
type Field = (typeof fields)[number];

/** As score-articles.py compares: white space folded, case ignored; a date by its first ten characters. */
function normal(field: Field, text = ''): string {
  const folded = text.replace(/\s+/g, ' ').trim();
  return field === 'date' ? folded.slice(0, 10) : folded.toLowerCase();
}

/** Names without the marks and words between them, so that the spelling of a list does not decide. */
function names(text = ''): string {
  return text
    .toLowerCase()
    .replace(/^(?:von|by|par) /, '')
    .split(/\s*[;,&|]\s*|\s+(?:und|and|et|y)\s+/)
    .filter((name) => name !== '')
    .sort()
    .join(';');
}

function countRight(pages: readonly QualityPage[], answers: Map<string, Answer>, field: Field) {
  const known = pages.filter((page) => typeof page[field] === 'string');
  const right = known.filter(
    (page) => normal(field, page[field]) === normal(field, answers.get(page.id)?.[field]),
  );
  const alike = known.filter((page) => names(page[field]) === names(answers.get(page.id)?.[field]));
  return `${right.length}${field === 'author' ? ` (${alike.length} as sets of names)` : ''} of ${known.length}`;
}

function report(title: string, pages: readonly QualityPage[], byPeer: Map<string, Answer[]>): void {
  console.log(`\n${title}: ${pages.length} pages`);
  for (const [name, list] of byPeer) {
    const answers = new Map(list.map((answer) => [answer.id, answer]));
    const texts = pages.filter(({ wanted }) => wanted !== undefined);
    const { precision, recall, f1 } = ngramScore(
      texts.map(({ id, wanted }) => [answers.get(id)?.text ?? '', wanted!]),
    );
    const found = fields.map((field) => `${field} ${countRight(pages, answers, field)}`);
    const known = pages.some((page) => page.title !== undefined);
    console.log(
      `  ${name.padEnd(12)} 4-gram F1 ${f1.toFixed(4)} (P ${precision.toFixed(3)}, R ${recall.toFixed(3)}, ${texts.length} texts)${known ? `; ${found.join(', ')}` : ''}`,
    );
  }
}

function show(field: Field, pages: readonly QualityPage[], byPeer: Map<string, Answer[]>): void {
  const peers = [...byPeer].map(([name, list]) => [name, new Map(list.map((one) => [one.id, one]))] as const);
  for (const page of pages) {
    if (page.heldOut || typeof page[field] !== 'string') continue;
    const answers = peers.map(([name, list]) => [name, list.get(page.id)?.[field] ?? '—']);
    if (normal(field, answers[0][1]) === normal(field, page[field])) continue;
    console.log(
      JSON.stringify({ id: page.id, url: page.url, gold: page[field], ...Object.fromEntries(answers) }),
    );
  }
}

async function compare(name: string, pages: QualityPage[]): Promise<Map<string, Answer[]>> {
  const { peers, cache } = values;
  const theirs = peers === undefined ? [] : await peerAnswers(pages, { peers, cache, name });
  return new Map([['gristmill', await ourAnswers(pages)], ...theirs]);
}

const articles = articlePages(join(values.data, 'article-pages'), join(values.cache, 'pages'));
const byPeer = await compare('articles', articles);
const held = articles.filter(({ heldOut }) => heldOut);
report('article-pages, held out', held, byPeer);
report(
  'article-pages, the other two thirds',
  articles.filter(({ heldOut }) => !heldOut),
  byPeer,
);
const others = readabilityPages(join(values.data, 'readability-pages'));
report(
  'readability-pages (taught the model, expected by Readability)',
  others,
  await compare('readability', others),
);
if (fields.includes(values.show as Field)) show(values.show as Field, articles, byPeer);
