// meta robots and X-Robots-Tag: lists of directives, some with a value, that a bot's name may narrow. A name binds what
// follows it; directives with a value look like a name and are none.

/** Directives that take a value after a colon. */
const valued = new Set('max-snippet max-image-preview max-video-preview unavailable_after'.split(' '));
/** Directives that the header's readers know: before one of them a colon makes no name. */
const known = new Set(
  'all index follow none noindex nofollow noarchive nocache nosnippet notranslate noimageindex noai noimageai indexifembedded nositelinkssearchbox noodp noydir'.split(
    ' ',
  ),
);

export interface Directive {
  /** In lower case. */
  readonly name: string;
  readonly value?: string;
}

/**
 * The directives that speak to `agent` or to everybody.
 * @example readDirectives('max-snippet:20, noindex, otherbot: noai', 'gristmill') // max-snippet and noindex
 */
export function readDirectives(list: string, agent: string): Directive[] {
  const own = productToken(agent);
  let isOurs = true;
  const directives: Directive[] = [];
  for (const part of splitList(list)) {
    let rest = part;
    for (;;) {
      const pair = /^([^\s:,]+)\s*:\s*/.exec(rest);
      const name = pair?.[1].toLowerCase();
      if (pair && name && valued.has(name)) {
        if (isOurs) directives.push({ name, value: rest.slice(pair[0].length).trim() });
        break;
      }
      if (!pair || !name || known.has(name)) {
        const word = rest.trim().toLowerCase();
        if (isOurs && word !== '') directives.push({ name: word });
        break;
      }
      isOurs = name === '*' || name === own;
      rest = rest.slice(pair[0].length);
    }
  }
  return directives;
}

/** `gristmill/1.0` is gristmill. */
export function productToken(agent: string): string {
  return agent.split('/', 1)[0].trim().toLowerCase();
}

/** At commas, but not at the comma behind the weekday of a date. */
function splitList(list: string): string[] {
  return list.split(/(?<!:\s{0,4}(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}),/i).map((part) => part.trim());
}

/** What a list of directives refuses. */
export interface Refusals {
  readonly noai: boolean;
  /** `noindex`, `none`, or an `unavailable_after` that has passed. */
  readonly noindex: boolean;
  readonly noarchive: boolean;
}

/** @param at the moment at which the document was fetched, ISO 8601: `unavailable_after` is measured by it */
export function refusals(directives: readonly Directive[], at: string | undefined): Refusals {
  const has = (...names: string[]) => directives.some(({ name }) => names.includes(name));
  return {
    noai: has('noai'),
    noindex: has('noindex', 'none') || directives.some((directive) => hasPassed(directive, at)),
    noarchive: has('noarchive', 'nocache'),
  };
}

function hasPassed({ name, value }: Directive, at: string | undefined): boolean {
  if (name !== 'unavailable_after' || value === undefined || at === undefined) return false;
  return Date.parse(value) <= Date.parse(at); // false for what is no date
}
