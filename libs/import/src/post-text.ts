// The text of a thread: its posts in order, each behind who speaks where several posts are there, names replaced.

import type { AuthorNames } from './author-names.ts';
import type { Post } from './post-formats.ts';

/** @param names undefined where names are left out */
export function renderThread(
  posts: readonly Post[],
  names: AuthorNames | undefined,
): { readonly text: string; readonly mediaType: Post['mediaType'] } {
  const isHtml = posts.some(({ mediaType }) => mediaType === 'text/html');
  const mediaType = isHtml ? 'text/html' : posts[0].mediaType;
  const replace = createReplacer(posts, names);
  const heading = replace(posts[0].title ?? '').trim();
  const parts = posts.map((post) => {
    const speaker =
      posts.length > 1 && names && post.author !== undefined ? `${names.pseudonym(post.author)}:` : '';
    const words = replace(
      post.mediaType === 'text/html' ? withoutMentions(post.text, names) : post.text,
    ).trim();
    if (!isHtml) return [speaker, words].filter((part) => part !== '').join('\n');
    const body =
      post.mediaType === 'text/html' ? words : `<p>${escapeHtml(words).replace(/\n{2,}/g, '</p><p>')}</p>`;
    return `<section>${speaker === '' ? '' : `<p>${speaker}</p>`}${body}</section>`;
  });
  if (isHtml) {
    const title = heading === '' ? '' : `<h1>${escapeHtml(heading)}</h1>`;
    return { text: `<!doctype html><body>${title}${parts.join('\n')}</body>`, mediaType };
  }
  const title = mediaType === 'text/markdown' && heading !== '' ? `# ${heading}` : heading;
  return { text: [title, ...parts].filter((part) => part !== '').join('\n\n'), mediaType };
}

const escapeHtml = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A mention of Mastodon is a link: https://docs.joinmastodon.org/spec/microformats/ */
function withoutMentions(html: string, names: AuthorNames | undefined): string {
  const anchor = /<a\b[^<>]*\bclass="[^"<>]*\bmention\b(?![^"<>]*hashtag)[^"<>]*"[^<>]*>([^]{0,500}?)<\/a>/gi;
  return html.replace(anchor, (whole: string, words: string) => {
    const address = /\bhref="https?:\/\/([^/"]+)\/(?:@|users\/)([^/"@]+)/i.exec(whole);
    const name = address ? `${address[2]}@${address[1]}` : words.replace(/<[^<>]*>|@/g, '').trim();
    return names ? `@${names.pseudonym(name)}` : '@user';
  });
}

/** Names that are known of the thread behind an at sign, and anybody's behind Reddit's `u/`. */
function createReplacer(posts: readonly Post[], names: AuthorNames | undefined): (text: string) => string {
  const known = new Map<string, string>();
  for (const { author, alias, mentions = [] } of posts) {
    if (author !== undefined && alias !== undefined) known.set(alias.toLowerCase(), author);
    for (const name of [author ?? '', ...mentions.map((mention) => mention.replace(/^@/, ''))]) {
      if (name === '' || name.includes('/')) continue;
      known.set(name.toLowerCase(), name);
      // On the server itself, and often elsewhere, the server's name is left out.
      const [short] = name.split('@');
      if (!known.has(short.toLowerCase())) known.set(short.toLowerCase(), name);
    }
  }
  const shown = (name: string): string => (names ? names.pseudonym(name) : 'user');
  return (text) =>
    text
      .replace(/(?<![\w@./])@([\w][\w.-]*(?:@[\w][\w.-]*)?)/gu, (whole: string, name: string) => {
        let end = name.length;
        while ('.-'.includes(name[end - 1])) end--;
        const bare = name.slice(0, end);
        const found = known.get(bare.toLowerCase());
        return found === undefined ? whole : `@${shown(found)}${name.slice(bare.length)}`;
      })
      .replace(
        /(?<![\w/])(\/?)u\/([\w-]{3,20})\b/g,
        (_, slash: string, name: string) => `${slash}u/${shown(name)}`,
      );
}
