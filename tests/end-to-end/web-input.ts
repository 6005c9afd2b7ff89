// What pipelines/web.ts reads from web-input/: an archive of pages, folders of addresses in UT1's layout, a set of
// questions. The pages are given.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord } from '@gristmill/warc';

export interface ArchivedPage {
  readonly url: string;
  readonly body: string | Uint8Array;
  /** `text/html` unless told otherwise. */
  readonly contentType?: string;
  readonly status?: number;
}

export interface WebInput {
  readonly pages: readonly ArchivedPage[];
  /** Category → domains. */
  readonly domains: Readonly<Record<string, readonly string[]>>;
  readonly questions: readonly { readonly id: string; readonly text: string }[];
}

/** Writes `warc/`, `lists/` and `evaluation.jsonl` into the folder. */
export async function writeWebInput(folder: string, { pages, domains, questions }: WebInput): Promise<void> {
  await mkdir(join(folder, 'warc'), { recursive: true });
  await writeFile(join(folder, 'warc/pages.warc.gz'), Buffer.concat(pages.map(toRecord)));
  for (const [category, names] of Object.entries(domains)) {
    await mkdir(join(folder, 'lists', category), { recursive: true });
    await writeFile(join(folder, 'lists', category, 'domains'), `${names.join('\n')}\n`);
  }
  const lines = questions.map((question) => JSON.stringify(question));
  await writeFile(join(folder, 'evaluation.jsonl'), `${lines.join('\n')}\n`);
}

function toRecord({ url, body, contentType = 'text/html', status = 200 }: ArchivedPage): Uint8Array {
  const payload = Buffer.from(body);
  const head = `HTTP/1.1 ${status} X\r\nContent-Type: ${contentType}\r\nContent-Length: ${payload.length}\r\n\r\n`;
  return encodeRecord({
    type: 'response',
    url,
    date: '2024-03-04T05:06:07Z',
    block: Buffer.concat([Buffer.from(head), payload]),
    payload,
  });
}
