// A thread that serves a site of seeded pages under any name, robots.txt for all: its work is not the crawler's. Told
// `report`, it gives the times of requests by host, in milliseconds.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { pages, body } = workerData as { pages: number; body: string };
const times: Record<string, number[]> = {};

const server = createServer((request, response) => {
  (times[request.headers.host ?? ''] ??= []).push(performance.now());
  const number = Number((request.url ?? '/').slice(1) || 1);
  if (Number.isNaN(number)) return void response.writeHead(404).end();
  const links = [2 * number, 2 * number + 1, number >> 1, number + 7]
    .filter((target) => target > 0 && target <= pages)
    .map((target) => `<a href="/${target}">${target}</a>`);
  response
    .writeHead(200, { 'content-type': 'text/html' })
    .end(`<title>${number}</title>${links.join('')}${body}`);
});
server.listen(0, '127.0.0.1', () =>
  parentPort!.postMessage({ port: (server.address() as AddressInfo).port }),
);
parentPort!.on('message', () => parentPort!.postMessage({ times }));
