// A proxy before an S3 server that spoils some of what passes: answers 503, breaks connections before the request,
// in the middle of an answer's body, or after the request took effect. It knows nothing of S3 but its error's form.
import { createServer, request as sendRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRandom } from '@gristmill/core';
import { closeServer, listenOn, type S3Server } from './memory-s3.ts';

/** 503: not passed on · refuse: cut before it is passed on · cut: half of the answer · lose: done, but no answer */
export type FaultKind = '503' | 'refuse' | 'cut' | 'lose';

export interface PassedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export type FaultPlan = (request: PassedRequest) => FaultKind | undefined;

export interface FaultyProxy extends S3Server {
  /** Faults so far, by kind. */
  readonly faults: Map<FaultKind, number>;
  readonly requests: () => number;
  plan: FaultPlan;
}

export async function startFaultyProxy(endpoint: string, plan: FaultPlan): Promise<FaultyProxy> {
  const faults = new Map<FaultKind, number>();
  let requests = 0;
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => {});
    incoming.on('end', () => {
      requests++;
      const { method = 'GET', url = '/', headers } = incoming;
      const fault = proxy.plan({ method, path: url, headers });
      if (fault) faults.set(fault, (faults.get(fault) ?? 0) + 1);
      if (fault === '503') return void slowDown(answer);
      if (fault === 'refuse') return void incoming.socket.destroy();
      passOn({ endpoint, incoming, body: Buffer.concat(chunks), answer, fault });
    });
  });
  const proxy: FaultyProxy = {
    endpoint: await listenOn(server),
    faults,
    requests: () => requests,
    plan,
    close: () => closeServer(server),
  };
  return proxy;
}

function slowDown(answer: ServerResponse): void {
  answer.writeHead(503, { 'content-type': 'application/xml' });
  answer.end('<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>');
}

interface Passed {
  readonly endpoint: string;
  readonly incoming: IncomingMessage;
  readonly body: Buffer;
  readonly answer: ServerResponse;
  readonly fault: FaultKind | undefined;
}

function passOn({ endpoint, incoming, body, answer, fault }: Passed): void {
  const { method, url, headers } = incoming;
  const outgoing = sendRequest(`${endpoint}${url}`, { method, headers }, (reply) => {
    const chunks: Buffer[] = [];
    reply.on('data', (chunk: Buffer) => chunks.push(chunk));
    reply.on('end', () => {
      if (fault === 'lose') return void incoming.socket.destroy();
      const bytes = Buffer.concat(chunks);
      answer.writeHead(reply.statusCode!, reply.headers);
      if (fault !== 'cut') return void answer.end(bytes);
      answer.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => incoming.socket.destroy());
    });
  });
  outgoing.on('error', () => incoming.socket.destroy());
  outgoing.end(body);
}

/** Spoils a share of all requests, at most `inRow` of the same request in a row, so that ten attempts suffice. */
export function seededFaults(seed: number, share: number, inRow = 4): FaultPlan {
  const random = createRandom(seed);
  const spoiled = new Map<string, number>();
  const kinds: FaultKind[] = ['503', 'refuse', 'cut', 'lose'];
  return ({ method, path, headers }) => {
    const name = `${method} ${path} ${headers.range ?? ''}`;
    const count = spoiled.get(name) ?? 0;
    const kind = kinds[Math.floor(random() * kinds.length)];
    if (random() >= share || count >= inRow) {
      spoiled.delete(name);
      return undefined;
    }
    spoiled.set(name, count + 1);
    return kind;
  };
}
