// Where a store on S3 lies: `s3://bucket/prefix`, and how its server is reached. Endpoint and credentials come from the
// environment (the SDK's standard chain) or from options; they are part of no key and no artefact.

import { DataError } from '@gristmill/core';

export interface S3Options {
  /** `s3://bucket/prefix`. */
  readonly location: string;
  /** Address of a server other than AWS. Default: AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL. */
  readonly endpoint?: string;
  /** Default: that of the environment, or us-east-1 where an endpoint is given. */
  readonly region?: string;
  /** Bucket in the path instead of the host name. Default: true where an endpoint is given. */
  readonly forcePathStyle?: boolean;
  /** How often a request is tried. Default 10: about a minute of trouble. */
  readonly attempts?: number;
  /** Upper bound of the first pause in ms; doubles with each further attempt up to 20 s. Default 100. */
  readonly pauseMs?: number;
  /** Bytes of a part of a large upload, at least 5 MiB. Default 8 MiB. */
  readonly partBytes?: number;
}

export interface S3Place {
  readonly bucket: string;
  /** Empty, or ends in a slash. */
  readonly prefix: string;
}

export function isS3Location(place: string): boolean {
  return place.startsWith('s3://');
}

/** @example parseS3Location('s3://corpora/web/') // { bucket: 'corpora', prefix: 'web/' } */
export function parseS3Location(location: string): S3Place {
  const [, bucket, path = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/s.exec(location) ?? [];
  const names = path.split('/').filter((name) => name !== '');
  if (bucket === undefined || names.includes('..') || names.includes('.')) {
    throw new DataError('s3-location', `${location} names no place on S3`, 'write s3://bucket/prefix');
  }
  return { bucket, prefix: names.map((name) => `${name}/`).join('') };
}
