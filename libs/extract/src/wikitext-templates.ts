// Templates of wikitext. A dump holds pages as they are written, so what a template shows is known only where it shows its
// own arguments. The rule: templates of the table below, which set words, say quantities, dates or signs, are resolved to
// their arguments; parser functions, variables and every other template (boxes, notes, citations, maintenance) are dropped.

/** Arguments by position, from '1', and by name. */
type Arguments = ReadonlyMap<string, string>;
type Resolve = (args: Arguments, name: string) => string;

const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

const at = (args: Arguments, ...names: readonly string[]): string => {
  const found = names.find((name) => (args.get(name) ?? '').trim() !== '');
  return found === undefined ? '' : args.get(found)!.trim();
};
const positional = (args: Arguments): string[] =>
  Array.from({ length: args.size }, (_, i) => at(args, `${i + 1}`)).filter((value) => value !== '');

const argument =
  (...names: readonly string[]): Resolve =>
  (args) =>
    at(args, ...names);
const said =
  (text: string): Resolve =>
  () =>
    text;
const joined =
  (between: string): Resolve =>
  (args) =>
    positional(args).join(between);
const marked =
  (tag: string, ...names: readonly string[]): Resolve =>
  (args) =>
    `<${tag}>${at(args, ...names)}</${tag}>`;

const unitSigns = new Map(
  Object.entries({
    sqmi: 'sq mi',
    sqkm: 'km²',
    sqft: 'sq ft',
    C: '°C',
    F: '°F',
    K: 'K',
    km2: 'km²',
    m2: 'm²',
    mi2: 'sq mi',
  }),
);
const ranges = new Map(
  Object.entries({ to: ' to ', '-': '–', '–': '–', and: ' and ', or: ' or ', x: ' by ', by: ' by ' }),
);

/** A number, or two with a word between, and the unit they were written in. */
const quantity: Resolve = (args) => {
  const [first, second = '', third = '', fourth = ''] = positional(args);
  const unit = (name: string): string => unitSigns.get(name) ?? name;
  const between = ranges.get(second);
  return between === undefined
    ? `${first ?? ''} ${unit(second)}`.trim()
    : `${first}${between}${third} ${unit(fourth)}`.trim();
};

const date: Resolve = (args) => {
  const [year = '', month = '', day = ''] = positional(args).filter((value) => /^\d+$/.test(value));
  return [year, ...[month, day].filter((value) => value !== '').map((value) => value.padStart(2, '0'))].join(
    '-',
  );
};

const asOf: Resolve = (args) => {
  const [year = '', month = '', day = ''] = positional(args);
  const name = months[Number(month) - 1] ?? month;
  const word = at(args, 'lc') === '' ? 'As of' : 'as of';
  return [word, day, name, year].filter((part) => part !== '').join(' ');
};

const fraction: Resolve = (args) => {
  const [first = '', second, third] = positional(args);
  if (second === undefined) return `1⁄${first}`;
  return third === undefined ? `${first}⁄${second}` : `${first} ${second}⁄${third}`;
};

const names = (list: string, resolve: Resolve): [string, Resolve][] =>
  list.split(', ').map((name) => [name, resolve]);

const resolvers = new Map<string, Resolve>([
  ...names('lang, langx, wikt-lang, tooltip2, sort, font', argument('2', 'text')),
  ...names('transl, transliteration', (args) => positional(args).at(-1) ?? ''),
  ...names(
    'nowrap, nobr, nobreak, nobold, noitalic, small, smaller, big, larger, smallcaps, sc, sc2',
    argument('1'),
  ),
  ...names(
    'abbr, tooltip, ill, interlanguage link, interlanguage link multi, lien, not a typo',
    argument('1'),
  ),
  ...names('as written, proper name, visible anchor, vanchor, anchored, color text, midsize', argument('1')),
  ...names(
    'ipa, ipa all, mvar, math, tmath, nts, number table sorting, formatnum, flag, flagu',
    argument('1'),
  ),
  ...names(
    'flagcountry, plainlist, flatlist, columns-list, column list, poem, poem2, bracket',
    argument('1', 'text'),
  ),
  ...names('code, mono, tt, kbd, var, samp, key, nihongo core', argument('1', 'code')),
  ...names('strong, strongbad', marked('strong', '1')),
  ...names('em, italics correction', marked('em', '1')),
  ...names('sup, super, superscript', marked('sup', '1')),
  ...names('sub, subscript', marked('sub', '1')),
  ...names(
    'quote, blockquote, cquote, quotation, quote box, rquote, centered pull quote, zitat, citation bloc',
    marked('blockquote', 'text', 'quote', '1'),
  ),
  ...names('convert, cvt', quantity),
  ...names('val', (args) => [at(args, '1'), at(args, 'u', 'ul')].filter(Boolean).join(' ')),
  ...names('frac, sfrac, fraction', fraction),
  ...names('circa, c., ca', (args) => `c. ${joined('–')(args, '')}`.trim()),
  ...names('floruit, fl.', (args) => `fl. ${joined('–')(args, '')}`.trim()),
  ...names(
    'birth date, birth date and age, death date, death date and age, start date, end date, date, dob, bda',
    date,
  ),
  ...names('as of', asOf),
  ...names('nihongo', (args) => {
    const [own = '', ...others] = positional(args);
    return others.length === 0 ? own : `${own} (${others.slice(0, 2).join(', ')})`;
  }),
  ...names('sortname', (args) => `${at(args, '1')} ${at(args, '2')}`.trim()),
  ...names('hlist', joined(', ')),
  ...names('ubl, unbulleted list, ublist, bulleted list', (args) =>
    positional(args)
      .map((item) => `\n* ${item}`)
      .join(''),
  ),
  ...names('gaps, chem, chem2, linktext', joined('')),
  ...names('us$, usd', (args) => `US$${at(args, '1')}`),
  ...names('€, euro, eur', (args) => `€${at(args, '1')}`),
  ...names('£, gbp', (args) => `£${at(args, '1')}`),
  ...names('inr', (args) => `₹${at(args, '1')}`),
  ...names('angbr', (args) => `⟨${at(args, '1')}⟩`),
  ...names('nbsp, space, spaces, thinsp, hair space, zwsp', said(' ')),
  ...names('snd, spnd, spaced ndash, spaced en dash', said(' – ')),
  ...names('ndash, en dash, –', said('–')),
  ...names('mdash, em dash, —', said('—')),
  ...names('dot, ·, middot, •, bull, bullet', said(' · ')),
  ...names("', apostrophe", said('&#39;')),
  ...names('!', said('|')),
  ...names('=', said('=')),
  ...names('-, clear', said('\n')),
]);

function resolve(parts: readonly string[]): string {
  const name = normalized(parts[0]);
  if (/^formatnum:/.test(name)) return parts[0].trim().slice('formatnum:'.length);
  const resolver = resolvers.get(name) ?? (/^lang-[a-z-]+$/.test(name) ? argument('1', 'text') : undefined);
  return resolver ? resolver(argumentsOf(parts.slice(1)), name) : '';
}

const normalized = (name: string): string =>
  name
    .trim()
    .replace(/_/g, ' ')
    .replace(/^(?:template|vorlage|modèle|plantilla|шаблон)\s*:\s*/i, '')
    .toLowerCase();

function argumentsOf(parts: readonly string[]): Map<string, string> {
  const args = new Map<string, string>();
  let position = 0;
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim();
    if (/^[\w -]{1,60}$/.test(name)) args.set(name, part.slice(equals + 1));
    else args.set(`${++position}`, part);
  }
  return args;
}

interface Frame {
  readonly opening: string;
  /** Divided by the bars that stand in no link. */
  readonly parts: string[];
  links: number;
}

const marks = /\{\{\{?|\}\}\}?|\[\[|\]\]|\|/g;

/** The text with templates resolved or dropped, innermost first; what is never closed stands as it is. */
export function resolveTemplates(source: string): string {
  const frames: Frame[] = [{ opening: '', parts: [''], links: 0 }];
  const add = (text: string): void => {
    const { parts } = frames[frames.length - 1];
    parts[parts.length - 1] += text;
  };
  let from = 0;
  marks.lastIndex = 0;
  for (let found = marks.exec(source); found; found = marks.exec(source)) {
    const frame = frames[frames.length - 1];
    const [mark] = found;
    add(source.slice(from, found.index));
    from = found.index + mark.length;
    if (mark.startsWith('{')) frames.push({ opening: mark, parts: [''], links: 0 });
    else if (mark.startsWith('}') && frames.length > 1) {
      // Three may close two, and one that belongs to what is outside.
      const { length } = frame.opening;
      if (mark.length < length) add(mark);
      else {
        frames.pop();
        add(length === 3 ? (frame.parts[1] ?? '') : resolve(frame.parts));
        from = found.index + length;
      }
      marks.lastIndex = from;
    } else if (mark === '|' && frame.links === 0 && frames.length > 1) frame.parts.push('');
    else {
      if (mark === '[[') frame.links++;
      else if (mark === ']]') frame.links = Math.max(0, frame.links - 1);
      add(mark);
    }
  }
  add(source.slice(from));
  while (frames.length > 1) {
    const { opening, parts } = frames.pop()!;
    add(`${opening}${parts.join('|')}`);
  }
  return frames[0].parts.join('|');
}
