// Pages with something to compare an extractor with: article-pages with the title, author and date that people noted,
// and, where the publisher repeats the article in JSON-LD (`articleBody`), that text; readability-pages with theirs.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import {
  attribute,
  flag,
  linkedObjects,
  nodeText,
  parseHtml,
  subtreeText,
  tagFlags,
  textTag,
  type FlatTree,
} from '@gristmill/markup';
import { decodeText } from '@gristmill/text';
import { ngramScore } from './ngram-score.ts';

export interface QualityPage {
  readonly id: string;
  readonly url?: string;
  /** Decoded; a body in JSON-LD is taken out, so that nobody can copy it. */
  readonly html: string;
  /** The whole text that is wanted, where it is known. */
  readonly wanted?: string;
  readonly title?: string;
  readonly author?: string;
  readonly date?: string;
  /** True for pages that taught the content model nothing and that no rule was adjusted to. */
  readonly heldOut: boolean;
}

type Gold = Pick<QualityPage, 'id' | 'url' | 'title' | 'author' | 'date'>;

/** Every third page by MD5 of its id: 2^8 ≡ 1 (mod 3), so the digest's bytes are summed. */
export function isHeldOut(id: string): boolean {
  const digest = createHash('md5').update(id).digest();
  return digest.reduce((sum, byte) => sum + byte, 0) % 3 === 0;
}

/** @param folder of the unpacked pages; unpacked when it is not there */
export function articlePages(data: string, folder: string): QualityPage[] {
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xJf', join(data, 'pages.tar.xz'), '-C', folder, '--strip-components=1']);
  }
  const lines = gunzipSync(readFileSync(join(data, 'gold.jsonl.gz')))
    .toString()
    .trim()
    .split('\n');
  return lines.map((line) => {
    const { id, url, title, author, date } = JSON.parse(line) as Gold;
    const { text } = decodeText(readFileSync(join(folder, `${id}.html`)), { markup: 'html' });
    const { html, body } = takeBody(text);
    return { id, url, title, author, date, html, wanted: body, heldOut: isHeldOut(id) };
  });
}

const bodyMember = /("articleBody"\s{0,4}:\s{0,4})"(?:[^"\\]|\\[^])*"/g;
const leastBody = 600;
const leastShown = 0.9;

/** The page without the article that its JSON-LD repeats, and that article where it is whole and the page shows it. */
function takeBody(text: string): { html: string; body?: string } {
  const tree = parseHtml(text);
  const bodies = linkedObjects(tree)
    .map((object) => object['articleBody'])
    .filter((body): body is string => typeof body === 'string')
    .map(plain);
  const body = bodies.sort((a, b) => b.length - a.length).at(0);
  const isCut = body === undefined || body.length < leastBody || /(?:\.\.\.|…)$/.test(body);
  const isShown = !isCut && ngramScore([[shownText(tree), body]]).recall >= leastShown;
  return { html: text.replace(bodyMember, '$1""'), body: isShown ? body : undefined };
}

/** All text but that of scripts and of elements that their style hides, as articles behind a paywall are. */
function shownText(tree: FlatTree): string {
  const texts: string[] = [];
  for (let i = 1; i < tree.length; i++) {
    if (tree.tag[i] === textTag) texts.push(nodeText(tree, i));
    else if (
      (tagFlags[tree.tag[i]] & flag.invisible) !== 0 ||
      /display\s{0,2}:\s{0,2}none/i.test(attribute(tree, i, 'style') ?? '')
    )
      i = tree.end[i] - 1;
  }
  return texts.join(' ');
}

/** Publishers put HTML into the member, once or twice escaped. */
function plain(body: string): string {
  const once = subtreeText(parseHtml(`<body>${body}`), 0);
  return /<\/?[a-z]/i.test(once) ? subtreeText(parseHtml(`<body>${once}`), 0) : once;
}

export function readabilityPages(data: string): QualityPage[] {
  return readdirSync(data)
    .filter((name) => existsSync(join(data, name, 'expected.html')))
    .map((id) => ({
      id,
      html: readFileSync(join(data, id, 'source.html'), 'utf8'),
      wanted: subtreeText(parseHtml(readFileSync(join(data, id, 'expected.html'), 'utf8')), 0),
      heldOut: false,
    }));
}
