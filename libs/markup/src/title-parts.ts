// Titles of documents are made of parts, `Article | Section | Site`. Here they are cut, and the site's own are known.
import { collapseSpace } from './tree-text.ts';

const separator = /\s(?:[|:·•»«›—–-]|::)\s|\s?\|\s?/u;
/** `…-新华网`: Chinese sites put their name behind a bare mark. */
const bareSeparator = /[-_—|](?=[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]{2,10}$)/u;
const mostStrips = 4;

/** Small letters and digits, everything else one blank: what two spellings of a title have in common. */
export function comparable(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** @example titleParts('Pears – Fruit | The Orchard') // ['Pears', 'Fruit', 'The Orchard'] */
export function titleParts(title: string): string[] {
  return title.split(separator).filter((part) => part.trim() !== '');
}

/** What a site may be called: by itself, and by its host (also of the page behind an archive's address). */
export interface SiteNames {
  readonly name?: string;
  readonly labels: readonly string[];
}

export function siteNames(name: string | undefined, url: string | undefined): SiteNames {
  const address = (url ?? '').replace(/^https?:\/\/web\.archive\.org\/web\/\d+[a-z_]*\//i, '');
  const host = /^(?:https?:\/\/)?([^/:?#]+)/i.exec(address)?.[1] ?? '';
  const labels = host.toLowerCase().split('.').slice(0, -1);
  return {
    name: name === undefined ? undefined : compact(name),
    labels: labels.map(compact).filter((label) => label.length > 3),
  };
}

/** True when a text is the name of the site and no more. */
export function isSiteName(text: string, { name, labels }: SiteNames): boolean {
  const own = compact(text);
  if (own === '') return false;
  if (name !== undefined && name !== '' && isMostly(own, name)) return true;
  return (
    labels.some((label) => isMostly(own, label)) || labels.some((label) => own.startsWith(label + 'com'))
  );
}

/** Equal, or one inside the other and not less than half of it. */
function isMostly(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short === long || (short.length > 3 && short.length * 2 >= long.length && long.includes(short));
}

function compact(text: string): string {
  return comparable(text).replaceAll(' ', '');
}

/** A title without the site's name, and without what follows it; the name alone stays. */
export function withoutSite(title: string, names: SiteNames): string {
  let text = title;
  for (let n = 0; n < mostStrips; n++) {
    const parts = titleParts(text);
    if (parts.length < 2) break;
    const site = parts.findIndex((part) => isSiteName(part, names));
    const shorter =
      site > 0
        ? upTo(text, parts[site])
        : site === 0
          ? text.slice(text.indexOf(parts[1], parts[0].length))
          : withoutUnknown(text, parts, names);
    if (shorter === text || collapseSpace(shorter).trim() === '') break;
    text = shorter;
  }
  const bare = bareSeparator.exec(text);
  return (bare === null || bare.index < 4 ? text : text.slice(0, bare.index)).trim();
}

/** What stands before a part, without the separator. */
function upTo(text: string, part: string): string {
  return text.slice(0, text.lastIndexOf(part)).replace(/\s?(?:[|:·•»«›—–-]|::)\s{0,9}$/u, '');
}

/** Where nobody says how the site is called, a short last part is taken for its name. */
function withoutUnknown(text: string, parts: readonly string[], { name }: SiteNames): string {
  const last = parts[parts.length - 1];
  const isShort = last.length <= 60 && last.split(' ').length <= 3;
  const before = upTo(text, last);
  return name === undefined && isShort && before.length >= 8 ? before : text;
}
