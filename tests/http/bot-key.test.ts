// Signed requests, judged by the verifier of the library for RFC 9421 and by the example of RFC 8037.
import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { component, verifySignature, type FieldOccurrence, type SignatureMessage } from 'http-message-sig';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { crawl, readPlan, readRoute } from '@gristmill/crawl';
import { createBotKey, createRequestSigner, keyIdOf, readBotKey, type BotKey } from '@gristmill/http';
import { registerBotKey } from '../../apps/cli/src/commands/bot-key.ts';
import { startServer } from './local-server.ts';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'gristmill-bot-key-'))));
afterEach(() => rm(folder, { recursive: true }));

const site = 'https://bot.example';

/** As a server does: the key is looked up by its name alone. */
function judge(message: SignatureMessage, keys: readonly object[], tag = 'web-bot-auth') {
  const required = tag === 'web-bot-auth' ? ['@authority'] : [component('@authority', { req: true })];
  return verifySignature(message, {
    policy: {
      algorithms: ['ed25519'],
      requiredComponents: required,
      requiredParameters: ['created', 'expires', 'keyid', 'nonce', 'tag'],
      clockSkew: 5,
      validate: ({ parameters }) => parameters.tag === tag,
    },
    resolveVerifier({ parameters }) {
      const key = keys.find((one) => (one as { kid?: string }).kid === parameters.keyid);
      if (!key) throw new Error('no such key');
      const publicKey = createPublicKey({ key: { ...key }, format: 'jwk' });
      return { algorithm: 'ed25519', verify: (data, signature) => verify(null, data, publicKey, signature) };
    },
  });
}

const requestTo = (targetUri: string, headers: Readonly<Record<string, string>>): SignatureMessage => ({
  ...{ kind: 'request', method: 'GET', targetUri },
  fields: Object.entries(headers).map(([name, value]): FieldOccurrence => ({ name, value })),
});
const publicOf = (key: BotKey) => [{ kty: 'OKP', crv: 'Ed25519', x: key.key.x, kid: keyIdOf(key) }];

test('a key is named by its thumbprint, as in RFC 8037', () => {
  const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
  const key = { kty: 'OKP', crv: 'Ed25519', x, d: '' } as const;
  expect(keyIdOf({ key })).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
});

test('a signature holds for its host, its agent and its time alone', async () => {
  for (const key of [createBotKey(site), createBotKey()]) {
    const headers = createRequestSigner(key)('http://a.example:8080/x?y');
    expect(headers['signature-agent']).toBe(key.site && `sig1="${site}"`);
    const { components } = await judge(requestTo('http://a.example:8080/x?y', headers), publicOf(key));
    expect(components).toHaveLength(key.site ? 2 : 1);
    await expect(judge(requestTo('http://b.example:8080/x?y', headers), publicOf(key))).rejects.toThrow();
    await expect(
      judge(requestTo('http://a.example:8080/', headers), publicOf(createBotKey())),
    ).rejects.toThrow();
    if (!key.site) continue;
    const other = { ...headers, 'signature-agent': 'sig1="https://other.example"' };
    await expect(judge(requestTo('http://a.example:8080/', other), publicOf(key))).rejects.toThrow();
  }
  const key = createBotKey(site);
  const old = createRequestSigner(key, () => Date.now() - 400_000)('http://a.example/');
  await expect(judge(requestTo('http://a.example/', old), publicOf(key))).rejects.toThrow();
});

test('bot-key writes a key that crawl signs every request with, and what its site publishes', async () => {
  const told = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const run = () => {
    const program = new Command().exitOverride();
    registerBotKey(program);
    return program.parseAsync(['bot-key', '--out', folder, '--site', site, '--contact', 'me@x.example'], {
      from: 'user',
    });
  };
  await run();
  await expect(run()).rejects.toThrow('holds a key already');
  const said = told.mock.calls.map(([text]) => String(text)).join('');
  told.mockRestore();
  const json = async (name: string) => JSON.parse(await readFile(join(folder, name), 'utf8')) as never;
  const { keys } = (await json('http-message-signatures-directory')) as { keys: { kid: string }[] };
  expect(said).toContain(keys[0].kid);
  expect(JSON.stringify(keys)).not.toContain('"d"');
  expect((await stat(join(folder, 'bot-key.json'))).mode & 0o077).toBe(0);
  expect(await json('signature-agent-card.json')).toMatchObject({ contacts: ['me@x.example'], keys });

  const { 'content-type': type, ...headers } = (await json('directory-headers.json')) as Record<
    string,
    string
  >;
  expect(type).toBe('application/http-message-signatures-directory+json');
  const request = requestTo(`${site}/.well-known/http-message-signatures-directory`, {});
  const fields = Object.entries(headers).map(([name, value]) => ({ name, value }));
  const answer = { kind: 'response', status: 200, fields, request } as SignatureMessage;
  await judge(answer, keys, 'http-message-signatures-directory');

  const heard: [string, Record<string, string>][] = [];
  await using server = await startServer((request, response) => {
    heard.push([`http://${request.headers.host}${request.url}`, request.headers as Record<string, string>]);
    if (request.url === '/robots.txt') return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': 'text/html' }).end('<a href=/b>b</a>');
  });
  const seeds = ['http://site.example/'];
  const route = readRoute(
    {
      hostMap: [`site.example=127.0.0.1:${server.port}`],
      ...{ allow: ['loopback'], sign: join(folder, 'bot-key.json') },
    },
    seeds,
  );
  await crawl({ plan: readPlan({ seeds }), route, folder: join(folder, 'crawl') });
  expect(heard).toHaveLength(5);
  const nonces = await Promise.all(
    heard.map(async ([url, sent]) => (await judge(requestTo(url, sent), keys)).parameters.nonce),
  );
  expect(new Set(nonces).size).toBe(5);
});

test('what is no key is refused in a sentence', async () => {
  const path = join(folder, 'key.json');
  for (const text of ['', '{}', '{"key":{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}}']) {
    await writeFile(path, text);
    expect(() => readBotKey(path)).toThrow('holds no bot key');
  }
});
