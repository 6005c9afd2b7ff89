// manifest.json of an audit's folder: the SHA-256 of every file, and, where a key is given, manifest.json.sig: the 64 bytes of
// an Ed25519 signature (RFC 8032) over manifest.json as it lies there, so that `openssl pkeyutl -verify -rawin` checks it too.

import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, isFileName, sha256 } from '@gristmill/core';

export interface AuditManifest {
  readonly format: 'gristmill-audit';
  readonly version: 1;
  /** Recipe and build that the folder speaks of. */
  readonly corpus: string;
  readonly build: string;
  /** By path. */
  readonly files: readonly { readonly path: string; readonly bytes: number; readonly sha256: string }[];
  /** SHA-256 of the public key (SubjectPublicKeyInfo, DER) that the signature is made with. */
  readonly signedBy?: string;
}

export const manifestName = 'manifest.json';
export const signatureName = 'manifest.json.sig';

/** @throws DataError `audit-key` for what is no private Ed25519 key in PEM */
export async function readSigningKey(path: string): Promise<KeyObject> {
  return readKey(path, 'private', (pem) => createPrivateKey(pem));
}

async function readKey(path: string, kind: string, parse: (pem: string) => KeyObject): Promise<KeyObject> {
  try {
    const key = parse(await readFile(path, 'utf8'));
    if (key.asymmetricKeyType === 'ed25519') return key;
    throw new TypeError(`it is of type ${String(key.asymmetricKeyType)}`);
  } catch (cause) {
    throw new DataError(
      'audit-key',
      `${path} is no ${kind} Ed25519 key in PEM`,
      'make a pair with `openssl genpkey -algorithm ed25519 -out key.pem` and `openssl pkey -in key.pem -pubout -out public.pem`',
      { cause },
    );
  }
}

export const keyDigest = (key: KeyObject): string =>
  sha256(createPublicKey(key).export({ type: 'spki', format: 'der' }));

export function signManifest(text: string, key: KeyObject): Uint8Array {
  return sign(null, Buffer.from(text), key);
}

export interface AuditCheck {
  readonly manifest: AuditManifest;
  /** A sentence each; empty: every file is what the manifest says. */
  readonly faults: readonly string[];
  readonly signature: 'none' | 'good' | 'unchecked';
}

/**
 * Reads every file of the folder again.
 * @param publicKey path of a PEM; without it a signature is not checked
 * @throws DataError `audit-damaged` for a folder without a readable manifest, `audit-key`
 */
export async function checkAudit(folder: string, publicKey?: string): Promise<AuditCheck> {
  const bytes = await readFile(join(folder, manifestName)).catch((cause: unknown) => {
    throw damaged(folder, 'holds no manifest.json', cause);
  });
  const manifest = parseManifest(folder, bytes.toString());
  const faults: string[] = [];
  for (const file of manifest.files) {
    const found = await readFile(join(folder, file.path)).catch(() => undefined);
    if (!found) faults.push(`${file.path} is missing`);
    else if (found.length !== file.bytes || sha256(found) !== file.sha256)
      faults.push(`${file.path} was changed`);
  }
  const known = new Set([...manifest.files.map(({ path }) => path), manifestName, signatureName]);
  for (const name of (await readdir(folder)).sort())
    if (!known.has(name)) faults.push(`${name} is not in the manifest`);
  const { fault, signature } = await checkSignature(folder, { bytes, manifest, publicKey });
  return { manifest, faults: [...faults, ...fault], signature };
}

function parseManifest(folder: string, text: string): AuditManifest {
  try {
    const manifest = JSON.parse(text) as AuditManifest;
    const isSound = manifest.files.every(
      ({ path, sha256: digest }) => isFileName(path) && typeof digest === 'string',
    );
    if (manifest.format === 'gristmill-audit' && manifest.version === 1 && isSound) return manifest;
    throw new TypeError('another format');
  } catch (cause) {
    throw damaged(folder, 'has a manifest.json that is none of an audit', cause);
  }
}

interface Signed {
  readonly bytes: Uint8Array;
  readonly manifest: AuditManifest;
  readonly publicKey: string | undefined;
}

async function checkSignature(
  folder: string,
  { bytes, manifest, publicKey }: Signed,
): Promise<{ fault: string[]; signature: AuditCheck['signature'] }> {
  const signature = await readFile(join(folder, signatureName)).catch(() => undefined);
  if (!signature) {
    const isMissing = manifest.signedBy !== undefined || publicKey !== undefined;
    return { fault: isMissing ? [`${signatureName} is missing`] : [], signature: 'none' };
  }
  if (publicKey === undefined) return { fault: [], signature: 'unchecked' };
  const key = await readKey(publicKey, 'public', (pem) => createPublicKey(pem));
  if (verify(null, bytes, key, signature)) return { fault: [], signature: 'good' };
  return { fault: [`${signatureName} is not of this key and this manifest`], signature: 'unchecked' };
}

function damaged(folder: string, what: string, cause: unknown): DataError {
  return new DataError(
    'audit-damaged',
    `${folder} ${what}`,
    'give a folder that `gristmill audit DIR --out FOLDER` wrote, or write it anew',
    { cause },
  );
}
