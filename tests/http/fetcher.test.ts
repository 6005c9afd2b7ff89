import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import {
  createAddressRule,
  createByteBudget,
  createFetcher,
  decodeBody,
  isFailure,
  parseHostMap,
  redirectTarget,
  type FetcherOptions,
  type FetchResult,
} from '@gristmill/http';
import { createManualClock } from './manual-clock.ts';
import { pages, startServer, type Handler } from './local-server.ts';

const local: FetcherOptions = { allowPrivate: true, minDelayMs: 0 };

function statusOf({ answer }: FetchResult): number | string | undefined {
  return isFailure(answer) ? answer.failure : answer.status;
}

function textOf({ answer }: FetchResult): string {
  return isFailure(answer) ? answer.failure : Buffer.from(answer.body).toString();
}

describe('addresses', () => {
  test('of private, loopback, link-local, mapped and special ranges are refused', () => {
    const refused =
      '127.0.0.1 10.1.2.3 192.168.0.1 172.16.0.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255 ::1 :: fc00::1 fe80::1 ::ffff:127.0.0.1 64:ff9b::7f00:1 2002:7f00:1:: nonsense';
    const [isPublic, isAllowed] = [createAddressRule(), createAddressRule({ allowPrivate: true })];
    for (const address of refused.split(' ')) expect([address, isPublic(address)]).toEqual([address, false]);
    for (const address of ['93.184.216.34', '2606:4700::1111']) expect(isPublic(address)).toBe(true);
    for (const address of ['127.0.0.1', '::1', '10.0.0.1', '169.254.1.1'])
      expect(isAllowed(address)).toBe(true);
    for (const address of ['0.0.0.0', '224.0.0.1']) expect(isAllowed(address)).toBe(false);
  });

  test('are allowed by name and by range; those where clouds tell secrets as a range of their own alone', () => {
    const allow = (...list: string[]) => createAddressRule({ allow: list });
    const rule = allow('loopback', '10.1.0.0/16', 'fd12::/64', '192.168.7.7');
    const told = ['127.9.9.9', '::1', '::ffff:10.1.2.3', 'fd12::5', '192.168.7.7', '93.184.216.34'];
    for (const address of told) expect([address, rule(address)]).toEqual([address, true]);
    for (const address of ['10.2.0.1', '192.168.7.8', 'fd13::1', '0.0.0.0', '169.254.1.1'])
      expect([address, rule(address)]).toEqual([address, false]);
    const secrets = ['169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '168.63.129.16'];
    for (const address of secrets) {
      const wide = address.includes(':') ? 'fd00::/8' : `${address}/16`;
      expect(createAddressRule({ allowPrivate: true, allow: [wide] })(address)).toBe(false);
      expect(createAddressRule()(address)).toBe(false);
      expect(allow(address)(address)).toBe(true);
      expect(allow(`${address}/${address.includes(':') ? 128 : 32}`)(address)).toBe(true);
    }
    expect(() => allow('everything')).toThrow('everything is no range of addresses');
    expect(() => allow('10.0.0.0/33')).toThrow('no range');
  });

  test('are checked where the socket connects: literal, by name, and through the host map', async () => {
    await using server = await startServer(pages({ '/': 'secret' }));
    const hostMap = parseHostMap([`inside.example=127.0.0.1:${server.port}`]);
    const fetcher = createFetcher({ hostMap, minDelayMs: 0, retries: 0 });
    const urls = [
      server.origin,
      `http://localhost:${server.port}/`,
      'http://inside.example/',
      `http://[::ffff:7f00:1]:${server.port}/`,
      `http://2130706433:${server.port}/`,
    ];
    for (const url of urls) expect(statusOf(await fetcher.fetch(url))).toBe('address-refused');
    await fetcher.close();
    expect(server.requests).toEqual([]);
  });

  test('of a redirect are checked like any other', async () => {
    await using inner = await startServer(pages({ '/': 'secret' }));
    const hop: Handler = (_, response) => void response.writeHead(302, { location: 'http://0.0.0.0/' }).end();
    await using outer = await startServer(hop);
    const fetcher = createFetcher(local);
    expect(statusOf(await fetcher.fetch(outer.origin, { maxRedirects: 3 }))).toBe('address-refused');
    await fetcher.close();
    expect(inner.requests).toEqual([]);
  });
});

test('the host map sends a name to an address and keeps the name in the request', async () => {
  await using server = await startServer((request, response) => response.end(request.headers.host));
  const fetcher = createFetcher({
    ...local,
    hostMap: parseHostMap([`Manual.example=127.0.0.1:${server.port}`]),
  });
  const result = await fetcher.fetch('http://manual.example/x?y');
  await fetcher.close();
  expect(textOf(result)).toBe('manual.example');
  expect(server.requests).toEqual(['/x?y']);
  expect(() => parseHostMap(['manual.example=localhost'])).toThrow('no host map entry');
});

describe('an answer that may pass', () => {
  test('is asked for again with growing pauses', async () => {
    let asked = 0;
    await using server = await startServer((_, response) =>
      response.writeHead(++asked < 3 ? 500 : 200).end('done'),
    );
    const clock = createManualClock();
    const fetcher = createFetcher({ ...local, clock, retryBaseMs: 100 });
    const result = await fetcher.fetch(server.origin);
    await fetcher.close();
    expect([textOf(result), result.attempts, clock.slept]).toEqual(['done', 3, [100, 200]]);
  });

  test('is waited for as long as Retry-After says, up to a limit', async () => {
    const after = ['7', '100000'];
    await using server = await startServer((_, response) =>
      response.writeHead(429, { 'retry-after': after.shift() ?? '1' }).end(),
    );
    const clock = createManualClock();
    const fetcher = createFetcher({ ...local, clock, retryBaseMs: 100, longestRetryMs: 60_000 });
    const result = await fetcher.fetch(server.origin);
    await fetcher.close();
    expect([statusOf(result), result.attempts]).toEqual([429, 2]);
    expect(Math.max(...clock.slept)).toBe(7000);
  });

  test('is given up after so many attempts', async () => {
    await using server = await startServer((_, response) => response.destroy());
    const fetcher = createFetcher({ ...local, clock: createManualClock(), retries: 2 });
    const result = await fetcher.fetch(server.origin);
    await fetcher.close();
    expect([statusOf(result), result.attempts, server.requests.length]).toEqual(['network', 3, 3]);
  });
});

describe('redirects', () => {
  const loop: Handler = pages({
    '/a': (_, response) => void response.writeHead(301, { location: '/b' }).end(),
    '/b': (_, response) => void response.writeHead(308, { location: 'c#part' }).end(),
    '/c': 'there',
    '/x': (_, response) => void response.writeHead(302, { location: '/y' }).end(),
    '/y': (_, response) => void response.writeHead(302, { location: '/x' }).end(),
  });

  test('are followed as far as told, never in a circle', async () => {
    await using server = await startServer(loop);
    const fetcher = createFetcher(local);
    expect(statusOf(await fetcher.fetch(`${server.origin}/a`))).toBe(301);
    const far = await fetcher.fetch(`${server.origin}/a`, { maxRedirects: 5 });
    const round = await fetcher.fetch(`${server.origin}/x`, { maxRedirects: 50 });
    const held = await fetcher.fetch(`${server.origin}/a`, {
      maxRedirects: 5,
      mayFollow: (url) => !url.endsWith('/c'),
    });
    await fetcher.close();
    expect([textOf(far), far.chain.map((url) => url.slice(server.origin.length))]).toEqual([
      'there',
      ['/a', '/b', '/c'],
    ]);
    expect([statusOf(round), round.chain.length]).toEqual([302, 2]);
    expect(statusOf(held)).toBe(308);
  });
});

describe('a body', () => {
  test('beyond the limit is refused, whether its length is told or not', async () => {
    await using server = await startServer(
      pages({
        '/told': (_, response) => void response.end('x'.repeat(5000)),
        '/untold': (_, response) => {
          response.write('x'.repeat(3000));
          response.end('x'.repeat(3000));
        },
      }),
    );
    const fetcher = createFetcher({ ...local, maxBytes: 4096 });
    expect(statusOf(await fetcher.fetch(`${server.origin}/told`))).toBe('body-too-large');
    expect(statusOf(await fetcher.fetch(`${server.origin}/untold`))).toBe('body-too-large');
    const cut = await fetcher.fetch(`${server.origin}/untold`, { cutAtLimit: true });
    await fetcher.close();
    expect(textOf(cut).length).toBe(4096);
  });

  test('of a media type that is not wanted is not read', async () => {
    await using server = await startServer((_, response) =>
      response.writeHead(200, { 'content-type': 'video/mp4' }).end('x'.repeat(1e6)),
    );
    const fetcher = createFetcher(local);
    const wants = (mediaType: string) => mediaType.startsWith('text/');
    expect(statusOf(await fetcher.fetch(server.origin, { wants }))).toBe('media-type');
    await fetcher.close();
  });

  test('is decoded from gzip, br, zstd and several of them, and a bomb is refused', () => {
    const text = Buffer.from('hello '.repeat(100));
    const limit = 10_000;
    for (const [encoding, bytes] of [
      ['gzip', gzipSync(text)],
      ['X-GZIP', gzipSync(text)],
      ['br', brotliCompressSync(text)],
      ['zstd', zstdCompressSync(text)],
      ['gzip, br', brotliCompressSync(gzipSync(text))],
      ['identity', text],
    ] as const) {
      expect(decodeBody(bytes, encoding, limit)).toEqual({
        bytes: expect.objectContaining({ length: 600 }) as unknown,
      });
    }
    const zeros = Buffer.alloc(10_000_000);
    for (const [encoding, bomb] of [
      ['gzip', gzipSync(zeros)],
      ['br', brotliCompressSync(zeros)],
      ['zstd', zstdCompressSync(zeros)],
      ['gzip, gzip', gzipSync(gzipSync(zeros))],
    ] as const) {
      expect(decodeBody(bomb, encoding, limit)).toEqual({ error: 'body-too-large' });
    }
    expect(decodeBody(text, 'gzip', limit)).toEqual({ error: 'bad-encoding' });
    expect(decodeBody(text, 'rot13', limit)).toEqual({ error: 'unknown-encoding' });
    expect(decodeBody(gzipSync(text).subarray(0, -9), 'gzip', limit)).toHaveProperty('bytes');
  });
});

test('validators make a request conditional', async () => {
  await using server = await startServer((request, response) =>
    response.writeHead(request.headers['if-none-match'] === '"a"' ? 304 : 200, { etag: '"a"' }).end(),
  );
  const fetcher = createFetcher(local);
  expect(statusOf(await fetcher.fetch(server.origin))).toBe(200);
  expect(statusOf(await fetcher.fetch(server.origin, { validators: { etag: '"a"' } }))).toBe(304);
  await fetcher.close();
});

test('the request says who asks', async () => {
  await using server = await startServer((request, response) => response.end(request.headers['user-agent']));
  const fetcher = createFetcher({ ...local, agent: 'mybot', contact: 'https://example.org/bot' });
  expect(textOf(await fetcher.fetch(server.origin))).toBe('mybot/0.1 (+https://example.org/bot)');
  await fetcher.close();
  expect(() => createFetcher({ agent: 'my bot 2.0' })).toThrow('no product token');
});

describe('an answer that does not end well', () => {
  const slow = { longestMs: 60_000, leastBytesPerSecond: 1000, graceMs: 20 };

  test('is left when it drips, or takes too long as a whole, and what came of it is kept', async () => {
    await using server = await startServer((request, response) => {
      response.write('begun');
      const timer = request.url === '/drip' ? setInterval(() => response.write('.'), 15) : undefined;
      response.on('close', () => clearInterval(timer));
    });
    for (const [path, slowness] of [
      ['/drip', slow],
      ['/silent', { ...slow, longestMs: 100 }],
    ] as const) {
      const fetcher = createFetcher({ ...local, slowness, retryBaseMs: 1 });
      const { answer, attempts } = await fetcher.fetch(server.origin + path);
      await fetcher.close();
      expect(answer).toMatchObject({ failure: 'too-slow', status: 200, partial: { status: 200 } });
      expect(isFailure(answer) && Buffer.from(answer.partial!.body).toString()).toMatch(/^begun\.*$/);
      expect(attempts).toBe(1);
    }
  });

  test('is asked for again when its connection ends inside the body', async () => {
    await using server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
    });
    const fetcher = createFetcher({ ...local, retries: 1, retryBaseMs: 1 });
    const { answer, attempts } = await fetcher.fetch(server.origin);
    await fetcher.close();
    expect([attempts, answer]).toMatchObject([2, { failure: 'cut-short', partial: { status: 200 } }]);
  });

  test('that no TLS can carry is named so and asked for once', async () => {
    await using server = await startServer((_, response) => response.end());
    const fetcher = createFetcher({ ...local, retryBaseMs: 1 });
    const { answer, attempts } = await fetcher.fetch(server.origin.replace('http', 'https'));
    await fetcher.close();
    expect([attempts, answer]).toMatchObject([
      1,
      { failure: 'tls', detail: expect.stringMatching(/SSL|EPROTO/) },
    ]);
  });
});

test('a Location in UTF-8 leads where browsers go, one in Latin-1 too', async () => {
  const places = ['/caf\u00c3\u00a9', '/caf\u00e9', '/caf%C3%A9'];
  await using server = await startServer((_, response) =>
    response.writeHead(302, { location: places.shift() }).end(),
  );
  const fetcher = createFetcher(local);
  const found: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    const { answer } = await fetcher.fetch(server.origin);
    found.push(!isFailure(answer) && redirectTarget(answer)?.slice(server.origin.length));
  }
  await fetcher.close();
  expect(found).toEqual(Array(3).fill('/caf%C3%A9'));
});

describe('the budget of bytes', () => {
  test('holds all back but the eldest, and is never exceeded by more than that one holds', async () => {
    const budget = createByteBudget(100);
    const [first, second, third] = [budget.open(), budget.open(), budget.open()];
    expect([first.take(60), second.take(40)]).toEqual([undefined, undefined]);
    const order: string[] = [];
    const waits = [
      second.take(10)!.then(() => order.push('second')),
      third.take(30)!.then(() => order.push('third')),
    ];
    expect(first.take(500)).toBeUndefined();
    expect(budget.held).toBe(600);
    first.release();
    first.release();
    await Promise.all(waits);
    expect([order, budget.held]).toEqual([['second', 'third'], 80]);
    second.release();
    third.release();
    expect(budget.held).toBe(0);
  });

  test('lets many large answers through one after the other', async () => {
    const body = Buffer.alloc(300_000, 'x');
    await using server = await startServer((_, response) => response.end(body));
    const fetcher = createFetcher({ ...local, connectionsPerHost: 8, budgetBytes: 400_000 });
    const lengths = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { answer, release } = await fetcher.fetch(server.origin);
        release();
        return isFailure(answer) ? answer.failure : answer.body.length;
      }),
    );
    await fetcher.close();
    expect(lengths).toEqual(Array(8).fill(300_000));
  });
});
