// A real web server on loopback for the demo's crawl: npm's manual and the Node.js manual, each under a host name of its
// own, with what crawlers meet outside: robots.txt, a sitemap, redirects, a page that fails twice before it answers, a
// page that robots.txt forbids, validators. Names are mapped to the port by the crawler, so ids do not depend on it.

import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { DataError } from '@gristmill/core';

export const npmHost = 'npm-manual.example';
export const nodeHost = 'nodejs-manual.example';
/** Where the demo's crawl starts. */
export const siteSeeds = [`http://${npmHost}/`, `http://${nodeHost}/`];

export interface Site extends AsyncDisposable {
  readonly port: number;
  /** Entries for the crawler's host map. */
  readonly hostMap: readonly string[];
}

interface Host {
  readonly folder: string;
  /** Path prefix of the pages. */
  readonly prefix: string;
  readonly start: string;
  readonly robots: readonly string[];
  /** Old addresses. */
  readonly redirects: Readonly<Record<string, string>>;
  /** Answers 500 twice, then as ever. */
  readonly flaky: string;
  /** In the sitemap, but forbidden. */
  readonly forbidden: string;
  readonly rewrite: (html: string) => string;
}

const hosts: Readonly<Record<string, Host>> = {
  [npmHost]: {
    folder: 'site',
    prefix: '/',
    start: '/commands/npm.html',
    robots: ['User-agent: *', 'Disallow: /drafts/', `Sitemap: http://${npmHost}/sitemap.xml`],
    redirects: {
      '/commands/npm-add-user.html': '/commands/npm-adduser.html',
      '/commands/npm-isntall.html': '/commands/npm-install.html',
    },
    flaky: '/commands/npm-audit.html',
    forbidden: '/drafts/next.html',
    rewrite: (html) => html,
  },
  [nodeHost]: {
    folder: 'nodejs-manual',
    prefix: '/api/',
    start: '/api/fs.html',
    robots: ['User-agent: *', 'Allow: /$', 'Allow: /api/', 'Disallow: /'],
    redirects: {},
    flaky: '',
    forbidden: '/drafts/next.html',
    // The saved pages link to where they came from.
    rewrite: (html) => html.replaceAll('https://nodejs.org/api/', '/api/'),
  },
};

/** What the packages' archives say of every file: npm sets this date. */
const lastModified = 'Sat, 26 Oct 1985 08:15:00 GMT';

/** Serves `site/` and `nodejs-manual/` of the input folder until disposed; port 0 takes a free one. */
export async function startSite(inputFolder: string, port = 0): Promise<Site> {
  const failures = new Map<string, number>();
  const server = createServer((request, response) => {
    answer(inputFolder, failures, request, response).catch((error: Error) => response.destroy(error));
  });
  const bound = await listen(server, port);
  return {
    port: bound,
    hostMap: Object.keys(hosts).map((name) => `${name}=127.0.0.1:${bound}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new DataError(
          'port-in-use',
          `port ${port} on this machine cannot be used`,
          'choose another port, or 0 for any',
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function answer(
  inputFolder: string,
  failures: Map<string, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const host = hosts[(request.headers.host ?? '').replace(/:\d+$/, '')];
  const { pathname } = new URL(request.url ?? '/', 'http://site');
  if (!host) return send(response, 421, 'text/plain', 'no such host');
  const target = pathname === '/' ? host.start : host.redirects[pathname];
  if (target !== undefined) return redirect(response, target);
  if (pathname === '/robots.txt') return send(response, 200, 'text/plain', `${host.robots.join('\n')}\n`);
  if (pathname === '/sitemap.xml' && host.robots.some((line) => line.startsWith('Sitemap'))) {
    return send(response, 200, 'application/xml', await sitemap(join(inputFolder, host.folder), host));
  }
  if (pathname === host.flaky && (failures.get(pathname) ?? 0) < 2) {
    failures.set(pathname, (failures.get(pathname) ?? 0) + 1);
    return send(response, 500, 'text/plain', 'try again');
  }
  const file = pathname.startsWith(host.prefix) ? pathname.slice(host.prefix.length) : '';
  const page = /^[\w./-]+\.html$/.test(file) && !file.includes('..');
  const html = page ? await readPage(join(inputFolder, host.folder, file)) : undefined;
  if (html === undefined) return answerMissing(join(inputFolder, host.folder), host, pathname, response);
  sendPage(request, response, host.rewrite(html));
}

/** Some links leave the ending out, as the manual's web site allows. */
async function answerMissing(
  folder: string,
  { prefix }: Host,
  pathname: string,
  response: ServerResponse,
): Promise<void> {
  const isPlain = pathname.startsWith(prefix) && /^[\w/-]+$/.test(pathname);
  const found =
    isPlain && (await readPage(join(folder, `${pathname.slice(prefix.length)}.html`))) !== undefined;
  if (found) redirect(response, `${pathname}.html`);
  else send(response, 404, 'text/plain', 'not found');
}

async function readPage(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function sendPage(request: IncomingMessage, response: ServerResponse, html: string): void {
  const etag = `"${createHash('sha256').update(html).digest('hex').slice(0, 16)}"`;
  response.setHeader('etag', etag);
  response.setHeader('last-modified', lastModified);
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304).end();
    return;
  }
  send(response, 200, 'text/html; charset=utf-8', html);
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(301, { location, 'content-length': 0 }).end();
}

/** All pages, the old addresses and the forbidden one. */
async function sitemap(folder: string, host: Host): Promise<string> {
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.html'));
  const pages = files.map((name) => host.prefix + name.replaceAll('\\', '/')).sort();
  const all = [...pages, ...Object.keys(host.redirects), host.forbidden];
  const urls = all.map((path) => `  <url><loc>http://${npmHost}${path}</loc></url>`);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">',
    ...urls,
    '</urlset>',
    '',
  ].join('\n');
}
