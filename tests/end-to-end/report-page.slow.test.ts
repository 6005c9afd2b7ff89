// `gristmill report` as text: what it says, that nothing in it is fetched, and that no document brings markup of its own.
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { droppedDocuments } from '@gristmill/corpus';
import { csvOf } from '../../apps/cli/src/report/charts.ts';
import { differingExcerpts } from '../../apps/cli/src/report/texts.ts';
import type { TestCorpus } from '../corpus/corpora.ts';
import { gristmill } from '../crawl/run-command.ts';
import { address, hostile, makeReportCorpus, places } from './report-corpus.ts';

let corpus: TestCorpus;
let page: string;
beforeAll(async () => {
  corpus = await makeReportCorpus();
  const at = places(corpus);
  const { code, stderr } = await gristmill('report', at.corpus, '--run', at.run, '--out', at.page);
  expect(code, stderr).toBe(0);
  page = await readFile(at.page, 'utf8');
});
afterAll(() => corpus[Symbol.asyncDispose]());

const dataOf = (id: string) =>
  JSON.parse(new RegExp(`id="${id}">(.*?)</script>`, 's').exec(page)![1]) as Record<string, { text: string }>;
/** The page without its scripts and styles. */
const visible = () => page.replace(/<(script|style)\b.*?<\/\1>/gs, '');

describe('the page', () => {
  it('fetches nothing, says so to the browser, and has fewer than 3 MB', () => {
    const addresses = [...visible().matchAll(/(?:href|src)="([^"]*)"/g)].map(([, value]) => value);
    expect(addresses.length).toBeGreaterThan(5);
    expect(addresses.filter((value) => !/^(?:#|data:text\/csv)/.test(value))).toEqual([]);
    expect(page).toContain(
      `content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"`,
    );
    expect(/<link|@import|url\(/.test(visible() + /<style>.*?<\/style>/s.exec(page)![0])).toBe(false);
    expect(Buffer.byteLength(page)).toBeLessThan(3e6);
  });

  it('tells the largest losses with rule, value, threshold and option', async () => {
    const lost = new Map<string, number>();
    for await (const { option = '' } of droppedDocuments(corpus.store()))
      lost.set(option, (lost.get(option) ?? 0) + 1);
    const option = 'select.gopher.maxTop2GramCharFraction';
    const amount = lost.get(option)!;
    expect(amount).toBe(Math.max(...lost.values()));
    expect(amount).toBeGreaterThanOrEqual(6);
    const [first] = /<ol class="losses">.*?<\/li>/s.exec(visible())!;
    expect(first).toContain('gopher, commonest 2-gram &gt; .2');
    expect(first).toContain(`${amount} documents`);
    expect(first).toContain(`<code>${option}</code>`);
    expect(first).toMatch(/<dt>value<\/dt>\s*<dd>\.\d+ to [\d.]+, median [\d.]+<\/dd>/);
    expect(first).toMatch(/<dt>threshold<\/dt>\s*<dd>\s*&gt; \.2\s*<\/dd>/);
    expect(first).toMatch(new RegExp(`${amount} of \\d+ in posts`));
  });

  it('says what the trainer found of the fit', () => {
    expect(visible()).toContain('<strong>overfitting: &lt;b&gt;validation&lt;/b&gt; loss rose</strong>');
  });

  it('opens the explanation of every document that it names', async () => {
    const explanations = dataOf('explanation-data');
    const named = [...visible().matchAll(/data-explain="(\w+)"/g)].map(([, id]) => id);
    expect(new Set(named).size).toBeGreaterThan(10);
    for (const id of named) expect(explanations[id].text).toMatch(/^(?:kept in|dropped by) /);
    const near = Object.values(explanations).find(({ text }) => text.includes('item: near'))!;
    expect(near.text).toMatch(/^dropped by dedup: near-duplicate, \.\d+ alike to posts\/all\.jsonl\/kept/);
  });

  it('shows near duplicates with what differs, and no short equal texts', () => {
    const [section] = /<section id="duplicates">.*?<\/section>/s.exec(visible())!;
    expect(section).toContain('posts/all.jsonl/near');
    expect(section).toContain('<mark>wrong</mark>');
    expect(section).not.toContain('Great flour');
  });

  it('escapes what documents bring, and masks personal data everywhere', () => {
    expect(page.includes(hostile)).toBe(false);
    expect(visible().includes('<img')).toBe(false);
    expect(visible().includes('&lt;img')).toBe(true);
    expect(visible().includes('&lt;b&gt;turns&lt;/b&gt;')).toBe(true);
    expect(page.includes(address)).toBe(false);
    expect(visible().includes('<mark title="personal data, masked">')).toBe(true);
  });

  it('has the data of each chart as CSV beside it', () => {
    const links = [
      ...visible().matchAll(/download="([\w-]+)\.csv" href="data:text\/csv;charset=utf-8,([^"]*)"/g),
    ];
    expect(links.map(([, name]) => name).sort()).toEqual(Object.keys(dataOf('chart-data')).sort());
    const texts = new Map(links.map(([, name, data]) => [name, decodeURIComponent(data)]));
    expect(texts.get('loss-chart')!.split('\r\n').slice(0, 2)).toEqual([
      'series,step,nats per token',
      'training,1,5',
    ]);
    expect(texts.get('loss-chart')!.trim().split('\r\n')).toHaveLength(1 + 40 + 4);
    expect(texts.get('prediction-chart')).toBe('name,bits per byte\r\nthis model,1.9\r\ngzip -9,3.1\r\n');
    expect(texts.get('languages-chart')).toContain('German (de),1,0');
  });
});

it('without a run there is nothing of training; a folder without a run is refused', async () => {
  const at = places(corpus);
  const alone = await gristmill('report', at.corpus, '--out', at.page);
  expect(alone.code, alone.stderr).toBe(0);
  expect(await readFile(at.page, 'utf8')).not.toContain('id="training"');
  const { code, stderr } = await gristmill('report', at.corpus, '--run', corpus.folder, '--out', at.page);
  expect([code, stderr]).toEqual([2, expect.stringContaining('no-such-run')]);
  const unwritable = await gristmill('report', at.corpus, '--out', `${corpus.folder}/nowhere/page.html`);
  expect([unwritable.code, unwritable.stderr]).toEqual([2, expect.stringContaining('not-writable')]);
});

it('CSV quotes what needs it', () => {
  const chart = { kind: 'bars', names: ['a, "b"', 'c'], series: [{ name: 'n', values: [1, 2.5] }] } as const;
  expect(csvOf(chart)).toBe('name,n\r\n"a, ""b""",1\r\nc,2.5\r\n');
});

it('two texts are shown where they first differ, with only their own words marked', () => {
  const text = (words: string) => ({
    id: 'a',
    place: '',
    source: '',
    mediaType: '',
    text: words,
    removals: [],
    personalData: [],
  });
  const start = Array.from({ length: 40 }, (_, i) => `w${i}`).join(' ');
  const [left, right] = differingExcerpts(
    text(`${start} one two three`),
    text(`${start} one <2> three four`),
  );
  expect(left.html).toBe(`… ${start.split(' ').slice(29).join(' ')} one <mark>two</mark> three`);
  expect(right.html).toBe(
    `… ${start.split(' ').slice(29).join(' ')} one <mark>&lt;2&gt;</mark> three <mark>four</mark>`,
  );
});
