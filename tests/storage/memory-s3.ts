// An S3 server in memory: the part of the protocol that the store speaks, so that its tests run wherever npm does.
// The same tests run on real servers in the slow and full suites; where the two differ, this file is wrong.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

interface StoredObject {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly metadata: Readonly<Record<string, string>>;
}

export interface S3Server {
  readonly endpoint: string;
  close(): Promise<void>;
}

export interface MemoryS3 extends S3Server {
  /** `bucket/key` → object. */
  readonly objects: Map<string, StoredObject>;
  readonly uploads: Map<string, { readonly key: string; readonly parts: Map<number, Buffer> }>;
}

interface Call {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly answer: ServerResponse;
}

/** @param options honoursConditions: false plays a server that ignores If-None-Match */
export async function startMemoryS3(
  options: { pageSize?: number; honoursConditions?: boolean } = {},
): Promise<MemoryS3> {
  const { pageSize = 1000, honoursConditions = true } = options;
  const objects: MemoryS3['objects'] = new Map();
  const uploads: MemoryS3['uploads'] = new Map();
  const serve = (call: Call): void => {
    const { method, query, key } = call;
    if (query.has('list-type')) listObjects(objects, call, pageSize);
    else if (query.has('uploads') || query.has('uploadId'))
      serveUpload(objects, uploads, call, honoursConditions);
    else if (method === 'PUT') putObject(objects, call, honoursConditions);
    else if (method === 'DELETE') {
      objects.delete(key);
      call.answer.writeHead(204).end();
    } else getObject(objects, call);
  };
  const server = createServer((request, answer) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams: query } = new URL(request.url!, 'http://s3');
      const key = decodeURIComponent(pathname.slice(1));
      const { method = 'GET', headers } = request;
      serve({ method, key, query, headers, body: Buffer.concat(chunks), answer });
    });
  });
  return { endpoint: await listenOn(server), objects, uploads, close: () => closeServer(server) };
}

export async function listenOn(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

function fail({ answer }: Call, status: number, code: string): void {
  answer.writeHead(status, { 'content-type': 'application/xml' });
  answer.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

function sendXml({ answer }: Call, text: string): void {
  answer.writeHead(200, { 'content-type': 'application/xml' }).end(`<?xml version="1.0"?>${text}`);
}

const etagOf = (bytes: Buffer) => `"${createHash('md5').update(bytes).digest('hex')}"`;

function putObject(objects: MemoryS3['objects'], call: Call, honoursConditions: boolean): void {
  const { key, body, headers, answer } = call;
  if (honoursConditions && headers['if-none-match'] === '*' && objects.has(key))
    return fail(call, 412, 'PreconditionFailed');
  const named = Object.entries(headers).filter(([name]) => name.startsWith('x-amz-meta-'));
  const metadata = Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
  objects.set(key, { bytes: body, etag: etagOf(body), metadata });
  answer.writeHead(200, { etag: etagOf(body) }).end();
}

function getObject(objects: MemoryS3['objects'], call: Call): void {
  const { key, headers, answer, method } = call;
  const found = objects.get(key);
  if (!found) return method === 'HEAD' ? void answer.writeHead(404).end() : fail(call, 404, 'NoSuchKey');
  const { bytes, etag, metadata } = found;
  if (headers['if-match'] !== undefined && headers['if-match'] !== etag)
    return fail(call, 412, 'PreconditionFailed');
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? '') ?? [];
  if (from !== undefined && Number(from) >= bytes.length) return fail(call, 416, 'InvalidRange');
  const sent =
    from === undefined ? bytes : bytes.subarray(Number(from), to === '' ? undefined : Number(to) + 1);
  answer.writeHead(from === undefined ? 200 : 206, { etag, ...metadata, 'content-length': sent.length });
  if (method === 'HEAD') answer.end();
  else answer.end(sent);
}

function listObjects(objects: MemoryS3['objects'], call: Call, pageSize: number): void {
  const bucket = call.key.replace(/\/$/, '');
  const start = `${bucket}/${call.query.get('prefix') ?? ''}`;
  const after = call.query.get('continuation-token') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(start) && key > after).sort();
  const page = keys.slice(0, pageSize);
  const entries = page.map((key) => {
    const { bytes } = objects.get(key)!;
    return `<Contents><Key>${key.slice(bucket.length + 1)}</Key><Size>${bytes.length}</Size></Contents>`;
  });
  const next =
    keys.length > page.length ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : '';
  sendXml(
    call,
    `<ListBucketResult><IsTruncated>${next !== ''}</IsTruncated>${next}${entries.join('')}</ListBucketResult>`,
  );
}

function serveUpload(
  objects: MemoryS3['objects'],
  uploads: MemoryS3['uploads'],
  call: Call,
  honoursConditions: boolean,
): void {
  const { key, method, query, body, headers, answer } = call;
  const id = query.get('uploadId');
  if (id === null && method === 'POST') {
    const made = `upload-${uploads.size}-${Math.random()}`;
    uploads.set(made, { key, parts: new Map() });
    return sendXml(
      call,
      `<InitiateMultipartUploadResult><UploadId>${made}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  if (id === null) return listUploads(uploads, call);
  const upload = uploads.get(id);
  if (!upload) return fail(call, 404, 'NoSuchUpload');
  if (method === 'PUT') {
    upload.parts.set(Number(query.get('partNumber')), body);
    return void answer.writeHead(200, { etag: etagOf(body) }).end();
  }
  if (honoursConditions && method === 'POST' && headers['if-none-match'] === '*' && objects.has(key))
    return fail(call, 412, 'PreconditionFailed');
  uploads.delete(id);
  if (method === 'DELETE') return void answer.writeHead(204).end();
  const parts = [...upload.parts].sort(([a], [b]) => a - b).map(([, bytes]) => bytes);
  const bytes = Buffer.concat(parts);
  objects.set(key, { bytes, etag: etagOf(bytes), metadata: {} });
  sendXml(
    call,
    `<CompleteMultipartUploadResult><ETag>${etagOf(bytes)}</ETag></CompleteMultipartUploadResult>`,
  );
}

function listUploads(uploads: MemoryS3['uploads'], call: Call): void {
  const bucket = call.key.replace(/\/$/, '');
  const entries = [...uploads].map(
    ([id, { key }]) =>
      `<Upload><Key>${key.slice(bucket.length + 1)}</Key><UploadId>${id}</UploadId></Upload>`,
  );
  sendXml(
    call,
    `<ListMultipartUploadsResult><IsTruncated>false</IsTruncated>${entries.join('')}</ListMultipartUploadsResult>`,
  );
}
