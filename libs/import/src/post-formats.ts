// Records of sites with posts as posts: Mastodon (ActivityStreams in an outbox, statuses of the API), Reddit (Pushshift's
// lines), Stack Exchange (rows of Posts.xml and Comments.xml), and any other by a mapping of fields.

import type { Json, JsonObject } from '@gristmill/core';
import { firstText, pointTo } from './json-fields.ts';
import { fieldsOf, listOf, type Fields } from './record-fields.ts';

export interface Post {
  readonly id: string;
  /** The post that it answers; the thread that it belongs to, where the record knows. */
  readonly parent?: string;
  readonly thread?: string;
  readonly author?: string;
  /** Another name of its author, which others call them by. */
  readonly alias?: string;
  /** Names in its text that are authors', as written after @ or u/. */
  readonly mentions?: readonly string[];
  /** ISO 8601; posts are ordered by it as text. */
  readonly date?: string;
  readonly title?: string;
  readonly text: string;
  readonly mediaType: 'text/html' | 'text/markdown' | 'text/plain';
  /** None where it would name the author. */
  readonly url?: string;
  readonly language?: string;
  readonly licence?: string;
  readonly isDeleted?: boolean;
}

/** Fields of a mapping beside those of records. */
export interface PostFields extends Fields {
  readonly parentField?: string | readonly string[];
  readonly threadField?: string | readonly string[];
  readonly deletedField?: string | readonly string[];
}

/** Undefined for what is no post: a boost, a vote, an entry of a wiki, a private message. */
export function readPost(record: Json, fields: PostFields): Post | undefined | 'unknown' {
  if (record === null || typeof record !== 'object' || Array.isArray(record)) return 'unknown';
  const value = record as JsonObject;
  if (fields.textField !== undefined) return mappedPost(value, fields);
  if (isActivity(value)) return activityPost(value);
  if (typeof value.account === 'object' && typeof value.content === 'string') return statusPost(value);
  if (typeof value.link_id === 'string' || typeof value.selftext === 'string') return redditPost(value);
  if (typeof value.PostTypeId === 'string' || typeof value.PostId === 'string') return stackPost(value);
  return mappedPost(value, fields);
}

const text = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
const given = <T extends object>(values: T): T =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
const asList = (value: Json | undefined): readonly Json[] =>
  Array.isArray(value) ? (value as readonly Json[]) : value === undefined || value === null ? [] : [value];

const everybody = /^(?:https:\/\/www\.w3\.org\/ns\/activitystreams#|as:)?Public$/;

const isActivity = ({ type, object, actor }: JsonObject): boolean =>
  (typeof actor === 'string' && object !== undefined) || type === 'Note' || type === 'Article';

/** https://www.w3.org/TR/activitystreams-vocabulary: what was created, and for everybody. */
function activityPost(activity: JsonObject): Post | undefined {
  const note = (activity.type === 'Create' ? activity.object : activity) as JsonObject | null;
  if (typeof note !== 'object' || note === null || !/^(?:Note|Article|Question)$/.test(String(note.type)))
    return undefined;
  const readers = [...asList(note.to), ...asList(note.cc)].filter((reader) => typeof reader === 'string');
  const id = text(note.id);
  if (id === undefined || !readers.some((reader) => everybody.test(reader))) return undefined;
  const [language] = Object.keys((note.contentMap ?? {}) as JsonObject);
  return given({
    ...{ id, parent: text(note.inReplyTo), author: text(note.attributedTo) ?? text(activity.actor) },
    mentions: asList(note.tag).flatMap((tag) => mentionOf(tag as JsonObject)),
    ...{ date: text(note.published), title: text(note.name), text: warned(note.summary, note.content) },
    ...{ mediaType: 'text/html' as const, language },
  });
}

const mentionOf = (tag: JsonObject | null): string[] =>
  tag !== null && typeof tag === 'object' && tag.type === 'Mention' ? [text(tag.name) ?? ''] : [];

/** What an author puts before a post to warn of it is shown with it. */
function warned(summary: Json | undefined, content: Json | undefined): string {
  const words = text(summary);
  return `${words === undefined ? '' : `<p>${words.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</p>`}${text(content) ?? ''}`;
}

/** https://docs.joinmastodon.org/entities/Status */
function statusPost(status: JsonObject): Post | undefined {
  const id = text(status.id);
  const { reblog, visibility } = status;
  if (id === undefined || (reblog !== null && reblog !== undefined)) return undefined;
  if (visibility !== undefined && visibility !== 'public' && visibility !== 'unlisted') return undefined;
  const account = status.account as JsonObject | null;
  return given({
    ...{
      id,
      parent: text(status.in_reply_to_id),
      author: account ? (text(account.acct) ?? text(account.username)) : undefined,
    },
    mentions: asList(status.mentions).map(
      (mention) => `@${text((mention as JsonObject | null)?.acct) ?? ''}`,
    ),
    ...{ date: text(status.created_at), text: warned(status.spoiler_text, status.content) },
    ...{
      mediaType: 'text/html' as const,
      language: text(status.language),
    },
  });
}

const gone = /^\s*\[ ?(?:deleted|removed)(?: by [\w ]+)? ?\]\s*$/i;

/** Lines of RS_ (submissions) and RC_ (comments); ids are base 36, with the kind before them where they point. */
function redditPost(line: JsonObject): Post | undefined {
  const own = text(line.id)?.replace(/^t[13]_/, '');
  if (own === undefined) return undefined;
  const isComment = typeof line.link_id === 'string';
  const id = `${isComment ? 't1' : 't3'}_${own}`;
  const words = text(isComment ? line.body : line.selftext) ?? '';
  const author = text(line.author);
  const seconds = Number(text(line.created_utc));
  const permalink = text(line.permalink);
  const isRemoved = typeof line.removed_by_category === 'string' || gone.test(words);
  return given({
    ...{ id, thread: text(line.link_id) ?? id, parent: text(line.parent_id) },
    author: author === undefined || gone.test(author) ? undefined : author,
    date:
      Number.isFinite(seconds) && seconds > 0 && seconds < 1e11
        ? new Date(seconds * 1000).toISOString()
        : undefined,
    ...{
      title: unescape(text(line.title)),
      text: unescape(words) ?? '',
      mediaType: 'text/markdown' as const,
    },
    url: permalink === undefined ? undefined : `https://www.reddit.com${permalink}`,
    isDeleted: isRemoved || (words === '' && text(line.title) === undefined) || undefined,
  });
}

/** Reddit's API escapes three signs in texts that are no HTML. */
const unescape = (words: string | undefined): string | undefined =>
  words?.replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&amp;/g, '&');

/** https://meta.stackexchange.com/q/2677: 1 is a question, 2 an answer; comments have the post that they are about. */
function stackPost(row: JsonObject): Post | undefined {
  const id = text(row.Id);
  const post = text(row.PostId);
  if (id === undefined || (post === undefined && !/^[12]$/.test(String(row.PostTypeId)))) return undefined;
  const parent = post ?? text(row.ParentId);
  return given({
    ...{ id: post === undefined ? id : `comment-${id}`, thread: parent ?? id, parent },
    author:
      text(row.OwnerUserId) ?? text(row.UserId) ?? text(row.OwnerDisplayName) ?? text(row.UserDisplayName),
    ...{ date: text(row.CreationDate), title: text(row.Title), licence: text(row.ContentLicense) },
    text: (post === undefined ? text(row.Body) : text(row.Text)) ?? '',
    alias: text(row.OwnerDisplayName) ?? text(row.UserDisplayName),
    mediaType: post === undefined ? ('text/html' as const) : ('text/plain' as const),
  });
}

function mappedPost(value: JsonObject, mapping: PostFields): Post | 'unknown' {
  const fields = fieldsOf(mapping, value) as PostFields;
  const found = (pointers: string | readonly string[] | undefined) => firstText(value, listOf(pointers));
  const id = found(fields.idField);
  if (id === undefined) return 'unknown';
  const deleted = listOf(fields.deletedField).map((pointer) => pointTo(value, pointer));
  const words = listOf(fields.textField)
    .map((pointer) => firstText(value, [pointer]))
    .filter((part) => part !== undefined);
  return given({
    ...{
      id,
      parent: found(fields.parentField),
      thread: found(fields.threadField),
      author: found(fields.authorField),
    },
    ...{ date: found(fields.dateField), title: found(fields.titleField), url: found(fields.urlField) },
    ...{ language: found(fields.languageField), text: words.join('\n\n') },
    mediaType: fields.html ? ('text/html' as const) : ('text/plain' as const),
    isDeleted: deleted.some((mark) => !isNo(mark)) || undefined,
  });
}

const isNo = (mark: Json | undefined): boolean =>
  mark === undefined ||
  mark === null ||
  mark === false ||
  mark === 0 ||
  /^(?:|0|false|no|n|f)$/i.test(String(mark as string));
