// A request's head as it went over the wire, and the address that it went to. undici tells both on its diagnostics channels;
// which of our requests they belong to is known by the asynchronous context in which it was made.

import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';

export interface SentHead {
  /** Request line and headers, up to the empty line and with it; one character for each byte. */
  head: string;
  /** Of the server. */
  address?: string;
}

type Told = Partial<SentHead>;
const context = new AsyncLocalStorage<Told>();
const told = new WeakMap<object, Told>();
let listens = false;

function listen(): void {
  if (listens) return;
  listens = true;
  subscribe('undici:request:create', (message) => {
    const sent = context.getStore();
    if (sent) told.set((message as { request: object }).request, sent);
  });
  subscribe('undici:client:sendHeaders', (message) => {
    const { request, headers, socket } = message as {
      request: object;
      headers: string;
      socket: { remoteAddress?: string };
    };
    const sent = told.get(request);
    if (sent) Object.assign(sent, { head: `${headers}\r\n`, address: socket.remoteAddress });
  });
}

/** Makes one request; `sent` is undefined where none reached a connection. */
export async function noteSent<T>(
  request: () => Promise<T>,
): Promise<{ result: T; sent: SentHead | undefined }> {
  listen();
  const sent: Told = {};
  const result = await context.run(sent, request);
  return { result, sent: sent.head === undefined ? undefined : (sent as SentHead) };
}
