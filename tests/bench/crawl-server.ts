// A thread that serves sites of seeded pages of 16 kB under any name, robots.txt for all: its work is not the crawler's. It
// listens on the given addresses of this machine at one port. Told `report`, it gives the times of requests by host, in
// milliseconds.
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';
import { createRandom } from '@gristmill/core';

export interface CrawlServerData {
  /** Of each host: a page links to four others, and all are reached from the first. */
  readonly pages: number;
  readonly latencyMs?: number;
  readonly addresses?: readonly string[];
}

const { pages, latencyMs = 0, addresses = ['127.0.0.1'] } = workerData as CrawlServerData;
const times: Record<string, number[]> = {};
const bodies = makeBodies(200, 16_000);

const answer: RequestListener = (request, response) => {
  (times[request.headers.host ?? ''] ??= []).push(performance.now());
  const number = Number((request.url ?? '/').slice(1) || 1);
  if (Number.isNaN(number)) return void response.writeHead(404).end();
  const links = [2 * number, 2 * number + 1, number >> 1, number + 7]
    .filter((target) => target > 0 && target <= pages)
    .map((target) => `<a href="/${target}">${target}</a>`);
  const page = `<!doctype html><title>${number}</title><body>${links.join(' ')}${bodies[number % bodies.length]}</body>`;
  const send = () => response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  if (latencyMs > 0) setTimeout(send, latencyMs);
  else send();
};

let port = 0;
for (const address of addresses) {
  const server = createServer(answer).listen(port, address);
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
}
parentPort!.postMessage({ port });
parentPort!.on('message', () => parentPort!.postMessage({ times }));

/** Paragraphs of words drawn by Zipf's law: they shrink about as HTML does. */
function makeBodies(count: number, bytes: number): string[] {
  const random = createRandom(9);
  const words = Array.from({ length: 5000 }, () => Math.floor(random() * 1e9).toString(36));
  return Array.from({ length: count }, () => {
    let html = '<p>';
    while (html.length < bytes) {
      const word = words[Math.floor(words.length ** random()) - 1] ?? words[0];
      html += random() < 0.08 ? `</p>\n<p class="text"><em>${word}</em> ` : `${word} `;
    }
    return `${html}</p>`;
  });
}
