import { writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createHistory } from '../../apps/trainer/src/watch/history.ts';
import { openLivePage, type LivePage } from '../../apps/trainer/src/watch/live-page.ts';
import { makeFolder } from './shards.ts';

const line = (step: number, loss = 3) => ({
  step,
  loss,
  learningRate: 1e-3,
  gradNorm: 1,
  tokens: 100 * step,
  tokensPerSecond: 5000,
  inputWaitMs: 0,
});
const folder = makeFolder('page');
// Step 3 was logged and its checkpoint lost: the run goes on from step 2.
writeFileSync(
  join(folder, 'loss.jsonl'),
  [1, 2, 3].map((step) => `${JSON.stringify(line(step))}\n`).join(''),
);
const finding = { kind: 'overfitting', step: 2, message: 'overfitting: …' };
writeFileSync(join(folder, 'findings.json'), JSON.stringify({ findings: [finding] }));
const facts = { name: 'run', steps: 10, parameters: 1000, executor: 'cpu', sources: [] };
const asked: number[] = [];
const pages: LivePage[] = [];
const open = async () => {
  const page = await openLivePage({
    facts,
    folder,
    done: 2,
    port: 0,
    documents: async (step) => {
      asked.push(step);
      return [{ id: 'd1', source: 'books', domain: 'example.org' }];
    },
  });
  pages.push(page);
  return page;
};
afterAll(() => pages.forEach((page) => page.close()));

/** Events of the stream until one of the kind comes. */
async function readUntil(address: string, kind: string, act: () => void): Promise<Map<string, unknown>> {
  const events = new Map<string, unknown>();
  const response = await fetch(`${address}events`);
  let text = '';
  let hasActed = false;
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(text.slice(0, end))!;
      events.set(name, JSON.parse(data));
      text = text.slice(end + 2);
    }
    if (!hasActed) act();
    hasActed = true;
    if (events.has(kind)) break;
  }
  return events;
}

test('who looks gets what was, then what is new, then that it has ended', async () => {
  const page = await open();
  const events = await readUntil(page.address, 'end', () => {
    page.onStep?.(line(3, 2));
    page.onValidation?.(3, 2.5);
    page.onSample?.({ step: 3, prompt: 'a', text: ' b' });
    page.onFinding?.({ kind: 'overfitting', step: 3, message: 'overfitting: …' });
    page.close();
    page.close(); // as a run that ends well and is then cleared away
  });
  expect(events.get('history')).toMatchObject({
    facts,
    finding,
    points: [
      [1, 3, 1e-3, 1, 5000],
      [2, 3, 1e-3, 1, 5000],
    ],
  });
  expect(events.get('news')).toMatchObject({
    points: [[3, 2, 1e-3, 1, 5000]],
    validation: [[3, 2.5]],
    samples: [{ text: ' b' }],
    finding: { kind: 'overfitting' },
    last: { step: 3 },
  });
  expect(events.has('end')).toBe(true);
});

test('the page and all it names come from here, under a policy that lets nothing else in', async () => {
  const { address } = await open();
  const page = await fetch(address);
  const html = await page.text();
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url);
  expect(named.filter((url) => !/^\/[a-z.]+$|^data:,$/.test(url))).toEqual([]);
  for (const url of named.filter((one) => one.startsWith('/')))
    expect((await fetch(new URL(url, address))).status, url).toBe(200);
  expect((await fetch(`${address}../../package.json`)).status).toBe(404);
  expect((await fetch(address, { method: 'POST' })).status).toBe(405);
});

test('documents of the last batch are looked up when somebody asks', async () => {
  const page = await open();
  page.onStep?.(line(5));
  expect(asked).toEqual([]);
  expect(await (await fetch(`${page.address}documents`)).json()).toEqual({
    step: 5,
    documents: [{ id: 'd1', source: 'books', domain: 'example.org' }],
  });
  expect(asked).toEqual([5]);
});

test('another name than this machine is turned away, and a port that is taken is said to be', async () => {
  const { address } = await open();
  const status = await new Promise((resolve) =>
    get(address, { headers: { host: 'evil.example' } }, (response) => resolve(response.statusCode)),
  );
  expect(status).toBe(403);
  const port = Number(new URL(address).port);
  const again = openLivePage({ facts, folder, done: 0, port, documents: async () => [] });
  await expect(again).rejects.toMatchObject({ code: 'port-taken' });
});

test('a long run is shown by means of stretches, and a gap stays a gap', () => {
  const history = createHistory(1, 8);
  for (let step = 1; step <= 40; step++) history.add(step, [step <= 8 ? NaN : step]);
  const points = history.points();
  expect(points.length).toBeLessThan(8);
  expect(points.slice(0, 2)).toEqual([
    [8, null],
    [16, 12.5], // the mean of 9 to 16
  ]);
  history.cut(16);
  expect(history.points().at(-1)![0]).toBe(16);
});
