// A large object in parts: sent while it is written, a few at once, and visible only when it is completed. An upload
// that nobody completes is invisible and costs space until `abortUploads`.

import type { ListMultipartUploadsCommandOutput } from '@aws-sdk/client-s3';
import { attempt, type S3Requests } from './s3-requests.ts';
import { statusOf } from './s3-retry.ts';

export interface Upload {
  /** Takes ownership of the bytes; settles when there is room for more. */
  send(part: Uint8Array): Promise<void>;
  /**
   * @param isNew only where there is no object yet; a server that does not know the condition here replaces it
   * @returns false when there was one
   */
  complete(isNew: boolean): Promise<boolean>;
  abort(): Promise<void>;
}

const inFlight = 4;

interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** @param isThere whether the object is there with our bytes: asked when the answer to completing was lost */
export async function openUpload(
  s3: S3Requests,
  path: string,
  isThere: () => Promise<boolean>,
): Promise<Upload> {
  const { client, sdk } = s3;
  const target = { Bucket: s3.bucket, Key: s3.prefix + path };
  const started = await attempt(s3, () => client.send(new sdk.CreateMultipartUploadCommand(target)));
  const upload = { ...target, UploadId: started.UploadId };
  const sent: Promise<SentPart>[] = [];
  const running = new Set<Promise<unknown>>();
  const sendPart = (PartNumber: number, Body: Uint8Array) =>
    attempt(s3, async (): Promise<SentPart> => {
      const { ETag } = await client.send(new sdk.UploadPartCommand({ ...upload, PartNumber, Body }));
      return { PartNumber, ETag };
    });
  return {
    async send(part) {
      const sending = sendPart(sent.length + 1, part);
      sent.push(sending);
      const settled: Promise<unknown> = sending.catch(() => {}).then(() => running.delete(settled));
      running.add(settled);
      if (running.size >= inFlight) await Promise.race(running);
    },
    async complete(isNew) {
      const Parts = await Promise.all(sent);
      const IfNoneMatch = isNew ? '*' : undefined;
      const request = { ...upload, MultipartUpload: { Parts }, IfNoneMatch };
      return attempt(s3, async (number) => {
        try {
          await client.send(new sdk.CompleteMultipartUploadCommand(request));
          return true;
        } catch (error) {
          const status = statusOf(error);
          if (number > 1 && (status === 404 || status === 412) && (await isThere())) return true;
          if (status === 412) return false;
          throw error;
        }
      });
    },
    async abort() {
      await Promise.allSettled(sent);
      await attempt(s3, () => abortUpload(s3, upload));
    },
  };
}

async function abortUpload(
  { client, sdk }: S3Requests,
  upload: { Bucket: string; Key?: string; UploadId?: string },
): Promise<void> {
  try {
    await client.send(new sdk.AbortMultipartUploadCommand(upload as Required<typeof upload>));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}

interface UploadPlace {
  readonly KeyMarker?: string;
  readonly UploadIdMarker?: string;
}

/** Ends every upload below the store's prefix that was begun and not completed. @returns how many */
export async function abortUploads(s3: S3Requests): Promise<number> {
  const { client, sdk, bucket: Bucket, prefix: Prefix } = s3;
  const list = (place: UploadPlace): Promise<ListMultipartUploadsCommandOutput> =>
    attempt(s3, () => client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, ...place })));
  let count = 0;
  let place: UploadPlace | undefined = {};
  while (place) {
    const page = await list(place);
    for (const { Key, UploadId } of page.Uploads ?? []) {
      // Some servers ignore the prefix.
      if (!Key?.startsWith(Prefix)) continue;
      await attempt(s3, () => abortUpload(s3, { Bucket, Key, UploadId }));
      count++;
    }
    place = page.IsTruncated
      ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
      : undefined;
  }
  return count;
}
