// A page that shows a run while it trains: curves, gradients, what it writes, what it reads. Served to this machine alone,
// over node:http and server-sent events; it asks for nothing from elsewhere.

import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DataError } from '@gristmill/core';
import type { BatchDocument } from '../sample-source.ts';
import type { RunWatcher } from './run-watcher.ts';
import { createPageState, type RunFacts } from './page-state.ts';

export interface LivePage extends RunWatcher {
  readonly address: string;
  close(): void;
}

export interface LivePageOptions {
  readonly facts: RunFacts;
  /** Folder of the run, whose logs the page begins with. */
  readonly folder: string;
  /** Steps done before this start. */
  readonly done: number;
  /** 0: any that is free. */
  readonly port: number;
  /** The documents of a step's batch; asked while somebody looks. */
  readonly documents: (step: number) => Promise<readonly BatchDocument[]>;
}

/** Bytes that wait for somebody who does not read; a browser that wakes up connects anew and gets all. */
const mostWaiting = 1 << 23;

/** Steps are sent together, so often. */
const sendMs = 500;

/** @throws DataError `port-taken` */
export async function openLivePage(options: LivePageOptions): Promise<LivePage> {
  const state = createPageState(options.facts, options.folder, options.done);
  const listeners = new Set<ServerResponse>();
  const send = (event: string, data: unknown) => {
    for (const response of listeners)
      if (response.writableLength < mostWaiting) response.write(formatEvent(event, data));
      else response.destroy();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (!isFromHere(request)) return end(response, 403, 'text/plain', 'only for this machine\n');
    const path = (request.url ?? '/').split('?')[0];
    if (request.method !== 'GET') return end(response, 405, 'text/plain', 'GET only\n');
    if (path === '/events') return listen(response);
    if (path === '/documents') return end(response, 200, 'application/json', await describeBatch());
    const file = files[path];
    if (file === undefined) return end(response, 404, 'text/plain', 'not here\n');
    return end(response, 200, file.type, readFileSync(file.path, 'utf8'));
  };
  const listen = (response: ServerResponse) => {
    response.writeHead(200, { ...headers, 'content-type': 'text/event-stream' });
    response.write(formatEvent('history', state.history()));
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    response.on('error', () => listeners.delete(response));
  };
  const describeBatch = async () => {
    const { step } = state;
    return JSON.stringify({ step, documents: step > 0 ? await options.documents(step) : [] });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      // Whatever goes wrong with an answer is no affair of the run.
      if (response.headersSent) response.destroy();
      else end(response, 500, 'text/plain', 'failed\n');
    });
  });
  const port = await bind(server, options.port);
  const timer = setInterval(() => {
    const news = state.takeNews();
    if (news !== undefined && listeners.size > 0) send('news', news);
  }, sendMs);
  timer.unref();
  server.unref();
  return {
    ...state.watcher,
    address: `http://127.0.0.1:${port}/`,
    close() {
      clearInterval(timer);
      const news = state.takeNews();
      if (news !== undefined) send('news', news);
      send('end', {});
      for (const response of listeners) response.end();
      listeners.clear();
      server.close();
      server.closeIdleConnections();
    },
  };
}

const asset = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const chart = (name: string) => fileURLToPath(import.meta.resolve(`uplot/dist/${name}`));
const [script, style] = ['text/javascript; charset=utf-8', 'text/css; charset=utf-8'];

const files: Readonly<Record<string, { readonly type: string; readonly path: string }>> = {
  '/': { type: 'text/html; charset=utf-8', path: asset('live-page.html') },
  '/page.js': { type: script, path: asset('live-page-client.js') },
  '/page.css': { type: style, path: asset('live-page.css') },
  '/uplot.js': { type: script, path: chart('uPlot.iife.min.js') },
  '/uplot.css': { type: style, path: chart('uPlot.min.css') },
};

const headers = {
  'content-security-policy':
    "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

function end(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { ...headers, 'content-type': type }).end(body);
}

const formatEvent = (event: string, data: unknown) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A page elsewhere that has its name resolved to this machine is turned away (DNS rebinding). */
function isFromHere({ headers: { host = '' } }: IncomingMessage): boolean {
  return /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/.test(host);
}

async function bind(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new DataError(
          'port-taken',
          `the page cannot be served on port ${port}`,
          'give --watch another port',
          {
            cause,
          },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  return (server.address() as AddressInfo).port;
}
