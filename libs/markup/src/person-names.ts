// From what stands in a byline to the names in it: "Von Anna Bell und Ben Okri, 3. Mai 2024" holds two. Names are
// recognised by their form alone; there is no list of names.
import { decodeEntities } from './entities.ts';
import { collapseSpace } from './tree-text.ts';

const prefix =
  /^(?:\s*(?:(?:written|posted|published|words|story|text|reported|eingestellt|gepostet|veröffentlicht|ein artikel|artikel|kommentar|geschrieben)\s*)?(?:by|von|par|por|di|av|door|af|от|автор|autor(?:in)?(?:en)?|author|auteur)\b\s*:?|by:|von:|autor(?:in)?:|author:|автор:)\s*/iu;

/** A date after a name: `am 3. Oktober`, `Fr, 18.`, `vor 5 Stunden`, `1. November 2023`. */
const trailingDate =
  /(?<![\s,])[\s,]+(?:(?:am|on|at|vom|um|vor|le|el)\s+)?(?:\p{L}{2,9}[.,]{1,2}\s+){0,2}\d.*$|(?<!\s)\s*[,-]\s+\p{L}+:$/iu;
/** A month or a day of the week that a date left behind when its number went. */
const trailingMonth =
  /(?<![\s,-])[\s,-]+(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+)?(?:january|february|march|april|may|june|july|august|september|october|november|december)$/i;
/** Links that stand beside a name in an author's box. */
const boxLinks =
  /(?<!\s)\s+(?:alle (?:artikel|beiträge)|alles von|mehr (?:von|über)|zum profil|more (?:from|by|posts)|view (?:all|profile)|all (?:posts|articles)|see (?:all|more)|follow|kontakt|contact|voir tous|ver todos)(?:\s.*)?$/iu;
const glued = /^(?:By|Von|Par|Por)(?=\p{Lu}\p{Ll})/u;
const mostNames = 10;

/** Trims bylines to names; undefined when nothing that could be a name remains. */
export function cleanNames(values: readonly (string | undefined)[]): string[] | undefined {
  const names: string[] = [];
  for (const value of values) {
    const text = cleanName(value ?? '');
    if (isName(text) && !names.includes(text)) names.push(text);
  }
  return names.length === 0 ? undefined : names.slice(0, mostNames);
}

function cleanName(value: string): string {
  return collapseSpace(decodeEntities(value.slice(0, 300)))
    .trim()
    .replace(prefix, '')
    .replace(glued, '')
    .replace(/(?<!\s)\s*[|•·»].*$/u, '')
    .replace(trailingDate, '')
    .replace(trailingMonth, '')
    .replace(boxLinks, '')
    .trim();
}

function isName(text: string): boolean {
  return (
    text.length > 1 &&
    !/:$|^(?:posted|published|updated|veröffentlicht|admin|by|von|autor|author)$/iu.test(text) &&
    text.length <= 80 &&
    !/^https?:|^www\.|^@|^\d+$|[{}<>]|\.(?:com|de|org|net)$/i.test(text) &&
    text.split(' ').length <= 8
  );
}

const particles =
  'von van de der den del della la le di da dos du zu zur ten ter al el bin ibn y e und'.split(' ');

/** Two to five words, of which those that are no particles begin with a capital letter. */
export function isPersonName(text: string): boolean {
  const words = text.split(' ');
  if (words.length < 2 || words.length > 5 || text.length > 60) return false;
  const isCapital = (word: string) => /^\p{Lu}[\p{L}\p{M}.'’-]*$/u.test(word);
  return (
    isCapital(words[0]) &&
    isCapital(words[words.length - 1]) &&
    words.every((word) => isCapital(word) || particles.includes(word))
  );
}

const opening =
  /^\s{0,9}(?:(?:written|posted|story|text|words|ein beitrag|artikel|geschrieben|eingestellt|veröffentlicht|publié|escrito)\s)?(?:by|von|par|por|di|door|autor(?:in)?\s?:|author\s?:|auteur\s?:|text\s?:|von\s?:|by\s?:|автор\s?:)\s/iu;
const separators = /\s?[,;&]\s?|\s(?:und|and|et|og|och|con|en)\s/u;
/** What ends a list of names. */
const listEnd = /[|·•/(–\d]|\s-\s|\s{3}/u;

/** The names of a short text of its own that reads "by First Last and First Last". */
export function bylineNames(text: string): string[] | undefined {
  const match = opening.exec(text);
  if (match === null) return undefined;
  const rest = text.slice(match[0].length, match[0].length + 160);
  const end = listEnd.exec(rest)?.index ?? rest.length;
  const names: string[] = [];
  for (const piece of collapseSpace(rest.slice(0, end)).split(separators)) {
    if (!isPersonName(piece.trim())) break;
    names.push(piece.trim());
  }
  return cleanNames(names);
}
