// A real HTTP server on loopback for one test: a handler in, an address out.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LocalServer extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:PORT` */
  readonly origin: string;
  /** Paths asked for, in order. */
  readonly requests: string[];
}

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function startServer(handler: Handler): Promise<LocalServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers by path; 404 elsewhere. */
export function pages(table: Readonly<Record<string, string | Handler>>): Handler {
  return (request, response) => {
    const entry = table[new URL(request.url ?? '/', 'http://x').pathname];
    if (entry === undefined) response.writeHead(404).end();
    else if (typeof entry === 'function') entry(request, response);
    else response.writeHead(200, { 'content-type': 'text/html' }).end(entry);
  };
}
