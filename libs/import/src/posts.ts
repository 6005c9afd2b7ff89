// Posts of sites where people answer each other: a document a thread, its posts in order. Deleted posts are left out, and
// names of authors, in texts too, become what only the holder of a key could compute again, or are dropped.

import { documentId, type OptionSchema, type OptionsOf, type RawItem } from '@gristmill/core';
import type { Importer } from '@gristmill/corpus';
import { decodeEntities } from '@gristmill/markup';
import { canonicalUrl } from '@gristmill/text';
import { openAuthorNames } from './author-names.ts';
import { tarFiles, type ContainedFile } from './containers.ts';
import { ContentError, fileContent, type Content } from './content.ts';
import {
  checkOptions,
  createItem,
  createNamer,
  createVerdict,
  defaultsOf,
  failed,
  type Place,
} from './import-item.ts';
import { readPost, type Post, type PostFields } from './post-formats.ts';
import { renderThread } from './post-text.ts';
import { gatherThreads, type Thread } from './post-threads.ts';
import { recordOptions, wantedColumns } from './record-fields.ts';
import { readRecords, type RecordValue } from './record-values.ts';
import { delimiterOf, recordFormatOf, sampleText } from './sniff-records.ts';
import { sniffContent } from './sniff-content.ts';
import { textLines, textStretches } from './text-stream.ts';
import { unpack } from './unpack.ts';
import { readZipFiles } from './zip.ts';

const pointersMeaning = 'A JSON Pointer or a list of them';
const {
  whole: _whole,
  sections: _sections,
  messagesField: _messages,
  groupField: _group,
  ...mappingOptions
} = recordOptions;

export const postOptions = {
  ...mappingOptions,
  parentField: { type: 'strings', description: `The post that this one answers. ${pointersMeaning}.` },
  threadField: {
    type: 'strings',
    description: `The thread of this post, where records know it. ${pointersMeaning}.`,
  },
  deletedField: {
    type: 'strings',
    description: `True, or anything but false, where a post is deleted. ${pointersMeaning}.`,
  },
  authors: {
    type: 'string',
    values: ['hmac', 'drop'],
    otherwise: 'hmac',
    description: 'Names become HMACs under GRISTMILL_AUTHOR_KEY, or are left out.',
  },
} as const satisfies OptionSchema;

type PostOptions = OptionsOf<typeof postOptions>;

const namesOf = ({ authors }: PostOptions) => (authors === 'drop' ? undefined : openAuthorNames());

/** Options: a mapping of fields for records that are of none of the sites. @throws DataError `no-author-key` */
export const postsImporter: Importer = {
  name: 'posts',
  version: 1,
  description:
    'Mastodon (outbox, API), Reddit, Stack Exchange, and records by a mapping: a document for each thread, names replaced.',
  options: postOptions,
  check(options) {
    checkOptions('posts', options, postOptions);
    namesOf(options as PostOptions);
  },
  identity(options) {
    const names = namesOf(options as PostOptions);
    return names ? { authorKey: names.keyId } : {};
  },
  async *items(file) {
    try {
      yield* postItems(file, fileContent(file.location), file.path);
    } catch (error) {
      yield failed(file, error, 'application/json');
    }
  },
};

/** Of an export with other files beside its posts, those that hold posts. */
const postFiles = /(?:^|\/)(?:outbox\.json|posts\.xml|comments\.xml|[^/]*\.(?:jsonl|ndjson|csv|tsv))$/i;

async function* postItems(place: Place, content: Content, name: string): AsyncGenerator<RawItem> {
  const unpacked = await unpack(content, name);
  const head = sampleText(unpacked.head);
  const kind = /<(?:posts|comments)>/.test(head.slice(0, 1000))
    ? 'rows'
    : (await sniffContent(unpacked)).kind;
  if (kind === 'tar') return yield* archivedPosts(place, tarFiles(unpacked.content));
  if (kind === 'zip') return yield* archivedPosts(place, readZipFiles(unpacked.content));
  const fields = place.options as PostFields;
  const records =
    kind === 'rows'
      ? stackRows(unpacked.content)
      : readRecords(unpacked.content, recordFormatOf(unpacked, fields.format) ?? fields.format ?? 'json', {
          items: fields.items ?? (/^\s*\{[^]*"orderedItems"\s*:\s*\[/.test(head) ? '/orderedItems' : ''),
          delimiter: fields.delimiter ?? delimiterOf(unpacked.name, unpacked.head),
          columns: wantedColumns(fields),
        });
  yield* threadItems(place, records);
}

async function* archivedPosts(place: Place, files: AsyncIterable<ContainedFile>): AsyncGenerator<RawItem> {
  let found = 0;
  const nameOf = createNamer();
  for await (const { path, content } of files) {
    if (!postFiles.test(path)) continue;
    found++;
    const own = { ...place, within: nameOf(path) };
    try {
      if (typeof content === 'string') throw new ContentError(content);
      yield* postItems(own, content, path);
    } catch (error) {
      yield failed(own, error, 'application/json');
    }
  }
  if (found === 0) throw new ContentError('no-posts');
}

/** Threads, then a verdict for each record that could not be read. */
async function* threadItems(place: Place, records: AsyncIterable<RecordValue>): AsyncGenerator<RawItem> {
  const options = place.options as PostOptions;
  const names = namesOf(options);
  const nameOf = createNamer();
  const bad: { at: number; reason: string; isFile: boolean }[] = [];
  let threads = 0;
  for await (const thread of gatherThreads(postsOf(records, options as PostFields, bad))) {
    const item = nameOf(shownId(thread.id));
    yield threadItem(place, thread, { item, order: threads++, names });
  }
  for (const { at, reason, isFile } of bad)
    yield createVerdict(place, reason, {
      mediaType: 'application/json',
      ...(!isFile && { item: nameOf(`record-${at}`) }),
    });
  if (threads === 0 && bad.length === 0) throw new ContentError('no-posts');
}

async function* postsOf(
  records: AsyncIterable<RecordValue>,
  fields: PostFields,
  bad: { at: number; reason: string; isFile: boolean }[],
): AsyncGenerator<Post> {
  let at = 0;
  for await (const { value, reason, ends = false, count = 1 } of records) {
    // An answer of the API about one post holds what is around it.
    const { ancestors, descendants } = (value ?? {}) as { ancestors?: unknown; descendants?: unknown };
    const isContext = Array.isArray(ancestors) && Array.isArray(descendants);
    const values = isContext ? [...(ancestors as never[]), ...(descendants as never[])] : [value ?? null];
    for (const own of reason === undefined ? values : []) {
      const post = readPost(own, fields);
      if (post === 'unknown') bad.push({ at, reason: 'no-post', isFile: false });
      else if (post) yield post;
    }
    if (reason !== undefined) bad.push({ at, reason, isFile: ends });
    at += count;
  }
}

/** Addresses of posts hold their author's name: what is left is the server and the post's own part. */
function shownId(id: string): string {
  if (!/^https?:/.test(id) || !URL.canParse(id)) return id;
  const { hostname, pathname } = new URL(id);
  const parts = pathname.split('/').filter((part) => part !== '' && part !== 'activity');
  return `${hostname}/${parts.at(-1) ?? ''}`;
}

interface ThreadFacts {
  readonly item: string;
  readonly order: number;
  readonly names: ReturnType<typeof namesOf>;
}

function threadItem(place: Place, { id, posts }: Thread, { item, order, names }: ThreadFacts): RawItem {
  const group = documentId({ name: place.source.name, path: 'thread', item: id });
  const [first] = posts;
  if (!first) return createVerdict(place, 'deleted', { item, group, mediaType: 'text/plain' });
  const { text, mediaType } = renderThread(posts, names);
  const url = first.url === undefined ? undefined : canonicalUrl(first.url);
  const author = names && first.author !== undefined ? names.pseudonym(first.author) : undefined;
  const { title, date, language, licence } = first;
  const facts = Object.entries({ title, author, date, language, licence }).filter(
    ([, value]) => value !== undefined,
  );
  const named = {
    item,
    group,
    mediaType,
    metadata: { ...defaultsOf(place.options), ...Object.fromEntries(facts), order },
  };
  if (text.trim() === '') return createVerdict(place, 'empty', named);
  const bytes = new TextEncoder().encode(text);
  return createItem(place, {
    ...named,
    bytes,
    charset: 'utf-8',
    ...(url !== undefined && { url }),
  });
}

/** Rows of Stack Exchange's XML: a line each, facts as attributes. */
async function* stackRows(content: Content): AsyncGenerator<RecordValue> {
  let isEnded = false;
  for await (const line of textLines(textStretches(content))) {
    const row = line?.text.trim() ?? '';
    isEnded ||= /<\/(?:posts|comments)>$/.test(row);
    if (line === undefined) yield { reason: 'too-large' };
    else if (row.startsWith('<row ') && !/^<row (?:\s*[\w.-]+="[^"]*")+\s*\/>(?:\s*<\/\w+>)?$/.test(row))
      yield { reason: 'damaged' };
    else if (row.startsWith('<row ')) {
      const facts = [...row.matchAll(/([\w.-]{1,100})="([^"]*)"/g)].map(([, name, value]) => [
        name,
        decodeEntities(value),
      ]);
      yield { value: Object.fromEntries(facts) as Record<string, string> };
    }
  }
  if (!isEnded) yield { reason: 'truncated', ends: true };
}
