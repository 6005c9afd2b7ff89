// The requests that a store makes, over the AWS SDK, each tried again while its failure may pass. The SDK is loaded
// with the first store on S3, so that those who work in folders pay nothing for it.

import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type * as Sdk from '@aws-sdk/client-s3';
import { DataError } from '@gristmill/core';
import { parseS3Location, type S3Options, type S3Place } from './s3-location.ts';
import { retrying, statusOf, type RetryPolicy } from './s3-retry.ts';

export interface S3Requests extends S3Place, RetryPolicy {
  readonly location: string;
  readonly partBytes: number;
  readonly sdk: typeof Sdk;
  readonly client: Sdk.S3Client;
}

const smallestPart = 5 << 20;

export async function openRequests(options: S3Options): Promise<S3Requests> {
  const sdk = await import('@aws-sdk/client-s3');
  const endpoint = options.endpoint ?? process.env.AWS_ENDPOINT_URL_S3 ?? process.env.AWS_ENDPOINT_URL;
  const region = options.region ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION;
  const client = new sdk.S3Client({
    endpoint,
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    // Servers other than AWS do not know the newer checksum trailers; readers check SHA-256 themselves.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 10_000, socketTimeout: 60_000 },
  });
  return {
    ...parseS3Location(options.location),
    location: options.location.replace(/(?<!\/)\/$/, ''),
    attempts: options.attempts ?? 10,
    pauseMs: options.pauseMs ?? 100,
    partBytes: Math.max(smallestPart, options.partBytes ?? 8 << 20),
    sdk,
    client,
  };
}

const keyOf = (s3: S3Requests, path: string) => ({ Bucket: s3.bucket, Key: s3.prefix + path });

/** Tries again, and says in our words what is wrong with the place. */
export async function attempt<T>(s3: S3Requests, work: (attempt: number) => Promise<T>): Promise<T> {
  try {
    return await retrying(s3, work);
  } catch (error) {
    throw explainFailure(s3, error);
  }
}

function explainFailure({ location, bucket }: S3Requests, cause: unknown): unknown {
  if (cause instanceof DataError) return cause;
  const { name, message } = cause as Error;
  const status = statusOf(cause);
  const failed = (code: string, what: string, hint: string) => new DataError(code, what, hint, { cause });
  if (name === 'NoSuchBucket')
    return failed('s3-no-bucket', `there is no bucket ${bucket}`, 'create it, or correct the location');
  if (name === 'CredentialsProviderError')
    return failed(
      's3-no-credentials',
      `no credentials for ${location} were found`,
      'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile',
    );
  if (status === 401 || status === 403)
    return failed('s3-denied', `${location} is denied: ${name}`, 'check the credentials and their rights');
  if (status === undefined || status >= 500 || status === 429)
    return failed(
      's3-unreachable',
      `${location} cannot be reached: ${message || name}`,
      'check the network and the endpoint, then run again: it carries on',
    );
  return cause;
}

export interface ObjectFacts {
  readonly size: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Undefined when there is no such object. */
export function headObject(s3: S3Requests, path: string): Promise<ObjectFacts | undefined> {
  return attempt(s3, async () => {
    try {
      const { ContentLength, Metadata } = await s3.client.send(new s3.sdk.HeadObjectCommand(keyOf(s3, path)));
      return { size: ContentLength ?? 0, metadata: Metadata ?? {} };
    } catch (error) {
      // A HEAD has no body that could tell a missing bucket from a missing object.
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  });
}

/** Replaces what is there. */
export function putObject(s3: S3Requests, path: string, body: Uint8Array): Promise<void> {
  return attempt(s3, async () => {
    await s3.client.send(new s3.sdk.PutObjectCommand({ ...keyOf(s3, path), Body: body }));
  });
}

/** Metadata that tells a creator its own object: an attempt may take effect while its answer is lost. */
const creatorName = 'gristmill-creator';

/** Creates an object unless there is one. @returns false when there was one already */
export function createObject(s3: S3Requests, path: string, body: Uint8Array): Promise<boolean> {
  const creator = randomUUID();
  return attempt(s3, async (number) => {
    const request = {
      ...keyOf(s3, path),
      Body: body,
      IfNoneMatch: '*',
      Metadata: { [creatorName]: creator },
    };
    try {
      await s3.client.send(new s3.sdk.PutObjectCommand(request));
      return true;
    } catch (error) {
      if (statusOf(error) === 501) throw noConditions(s3, error);
      if (statusOf(error) !== 412) throw error;
      return number > 1 && (await headObject(s3, path))?.metadata[creatorName] === creator;
    }
  });
}

export function noConditions({ location }: S3Requests, cause?: unknown): DataError {
  return new DataError(
    's3-no-conditions',
    `the server of ${location} cannot create an object only where there is none (If-None-Match)`,
    'use a server that can: AWS, Ceph, MinIO, versitygw and others do',
    { cause },
  );
}

export interface ObjectRange {
  readonly offset: number;
  /** Undefined: to the end. */
  readonly length?: number;
}

/**
 * The bytes of a range. An answer that breaks off is carried on from where it broke, of the same version of the object.
 * Fewer bytes than asked for when the object ends before; undefined when there is none.
 */
export async function getObject(
  s3: S3Requests,
  path: string,
  range: ObjectRange,
): Promise<Uint8Array | undefined> {
  let got: GotBytes = { bytes: new Uint8Array(0), done: 0 };
  return attempt(s3, async () => {
    try {
      await continueGet(s3, path, range, got);
      return got.bytes.subarray(0, got.done);
    } catch (error) {
      const status = statusOf(error);
      if (status === 404 && (error as Error).name !== 'NoSuchBucket') return undefined;
      if (status === 416) return got.bytes.subarray(0, got.done);
      if (status !== 412) throw error;
      got = { bytes: new Uint8Array(0), done: 0 };
      throw Object.assign(new Error(`${path} was replaced while it was read`), { code: 'ECONNRESET' });
    }
  });
}

interface GotBytes {
  bytes: Uint8Array;
  done: number;
  etag?: string;
}

async function continueGet(s3: S3Requests, path: string, range: ObjectRange, got: GotBytes): Promise<void> {
  const from = range.offset + got.done;
  const end = range.length === undefined ? '' : range.offset + range.length - 1;
  const isWhole = from === 0 && range.length === undefined;
  const answer = await s3.client.send(
    new s3.sdk.GetObjectCommand({
      ...keyOf(s3, path),
      Range: isWhole ? undefined : `bytes=${from}-${end}`,
      IfMatch: got.etag,
    }),
  );
  if (got.etag === undefined) {
    got.etag = answer.ETag;
    got.bytes = new Uint8Array(answer.ContentLength ?? 0);
  }
  for await (const chunk of answer.Body as Readable) {
    got.bytes.set(chunk as Uint8Array, got.done);
    got.done += (chunk as Uint8Array).length;
  }
  if (got.done < got.bytes.length)
    throw Object.assign(new Error(`the answer for ${path} broke off`), { code: 'ECONNRESET' });
}

export async function deleteObject(s3: S3Requests, path: string): Promise<void> {
  await attempt(s3, async () => {
    try {
      await s3.client.send(new s3.sdk.DeleteObjectCommand(keyOf(s3, path)));
    } catch (error) {
      if ((error as Error).name !== 'NoSuchKey') throw error;
    }
  });
}

/** Every object whose path starts with `prefix`, page by page. */
export async function* listObjects(
  s3: S3Requests,
  prefix: string,
): AsyncGenerator<{ path: string; size: number }> {
  let token: string | undefined;
  do {
    const request = { Bucket: s3.bucket, Prefix: s3.prefix + prefix, ContinuationToken: token };
    const page = await attempt(s3, () => s3.client.send(new s3.sdk.ListObjectsV2Command(request)));
    for (const { Key = '', Size = 0 } of page.Contents ?? [])
      yield { path: Key.slice(s3.prefix.length), size: Size };
    token = page.IsTruncated ? page.NextContinuationToken : undefined;
  } while (token !== undefined);
}
