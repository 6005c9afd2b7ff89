// Web Bot Auth (draft-meunier-web-bot-auth-architecture): requests signed by RFC 9421 with a key that the bot's own site
// publishes, so that a server can tell our crawler from those that only give its name. An Ed25519 key is one file of JSON:
// the private JWK (RFC 8037), and the site that publishes the public one.

import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DataError } from '@gristmill/core';
import { component, createSignatureSync, type SignerSync } from 'http-message-sig';

export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

export interface BotKey {
  readonly key: PublicKey & { readonly d: string };
  /** Where the key's directory lies: an https origin. Signatures name it. */
  readonly site?: string;
}

/** The path of a site at which the keys of its bots are looked for, and their media type. */
export const keyDirectory = {
  path: '/.well-known/http-message-signatures-directory',
  mediaType: 'application/http-message-signatures-directory+json',
  tag: 'http-message-signatures-directory',
} as const;

const label = 'sig1';
/** A signature holds so long. */
const lifeSeconds = 300;

export function createBotKey(site?: string): BotKey {
  const { privateKey } = generateKeyPairSync('ed25519');
  const { kty, crv, x, d } = privateKey.export({ format: 'jwk' });
  return { key: { kty, crv, x, d } as BotKey['key'], ...(site !== undefined && { site }) };
}

/** @throws DataError `bad-bot-key` for a file that is no such key */
export function readBotKey(path: string): BotKey {
  const wrong = (cause?: unknown): DataError =>
    new DataError('bad-bot-key', `${path} holds no bot key`, 'make one: gristmill bot-key --out DIR', {
      cause,
    });
  let value: Partial<BotKey>;
  try {
    value = JSON.parse(readFileSync(path, 'utf8')) as Partial<BotKey>;
    createPrivateKey({ key: value.key as never, format: 'jwk' });
  } catch (error) {
    throw wrong(error);
  }
  if (value.key?.crv !== 'Ed25519') throw wrong();
  return value as BotKey;
}

/** What may be told to everybody. */
export function publicKeyOf({ key: { kty, crv, x } }: BotKey): PublicKey {
  return { kty, crv, x };
}

/** The key's thumbprint (RFC 7638). */
export function keyIdOf(key: BotKey): string {
  const { crv, kty, x } = publicKeyOf(key);
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url');
}

/**
 * Signs GET requests. @returns the headers of one request, for a nonce of its own
 * @param now in milliseconds since 1970
 */
export function createRequestSigner(
  botKey: BotKey,
  now: () => number = Date.now,
): (url: string) => Record<string, string> {
  const signer = signerOf(botKey);
  const keyid = keyIdOf(botKey);
  const agent = botKey.site === undefined ? undefined : `${label}="${botKey.site}"`;
  const signed = [
    '@authority',
    ...(agent === undefined ? [] : [component('signature-agent', { key: label })]),
  ];
  return (url) => {
    const created = Math.floor(now() / 1000);
    const fields = agent === undefined ? [] : [{ name: 'signature-agent', value: agent }];
    const { signature, signatureInput } = createSignatureSync(
      { kind: 'request', method: 'GET', targetUri: url, fields },
      {
        ...{ label, signer, components: signed },
        parameters: {
          ...{ created, expires: created + lifeSeconds, keyid, alg: 'ed25519' },
          ...{ nonce: randomBytes(64).toString('base64'), tag: 'web-bot-auth' },
        },
      },
    );
    return {
      ...(agent !== undefined && { 'signature-agent': agent }),
      'signature-input': signatureInput,
      signature,
    };
  };
}

/** The headers with which the site has to answer for its directory: it proves that it holds the key itself. */
export function directoryHeaders(botKey: BotKey, site: string, created: number, expires: number) {
  const { host } = new URL(site);
  const request = {
    kind: 'request',
    method: 'GET',
    targetUri: site + keyDirectory.path,
    fields: [],
  } as const;
  const { signature, signatureInput } = createSignatureSync(
    { kind: 'response', status: 200, fields: [{ name: 'host', value: host }], request },
    {
      ...{ label, signer: signerOf(botKey), components: [component('@authority', { req: true })] },
      parameters: {
        ...{ created, expires, keyid: keyIdOf(botKey), alg: 'ed25519' },
        ...{ nonce: randomBytes(64).toString('base64'), tag: keyDirectory.tag },
      },
    },
  );
  return { 'content-type': keyDirectory.mediaType, signature, 'signature-input': signatureInput };
}

function signerOf({ key }: BotKey): SignerSync {
  const privateKey: KeyObject = createPrivateKey({ key: { ...key }, format: 'jwk' });
  return { algorithm: 'ed25519', sign: (data) => new Uint8Array(sign(null, data, privateKey)) };
}
