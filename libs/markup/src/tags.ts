// HTML's element names as small numbers, and what the tree builder and its readers must know of each: a table.
// Names that are not listed share the number of `unknown`; their spelling is read from the source when asked.

/** Properties of an element, combined as bits in `tagFlags`. */
export const flag = {
  void: 1,
  /** Content is text up to the matching end tag. */
  rawText: 2,
  /** Starts a new line when displayed. */
  block: 4,
  /** Closes an open `p` when it starts. */
  closesParagraph: 8,
  /** `a`, `b`, `i` …: an end tag may cross blocks. */
  formatting: 16,
  /** An end tag of another element does not reach beyond it. */
  barrier: 32,
  heading: 64,
  /** Its text is never read by a person of this page: scripts, styles, templates. */
  invisible: 128,
  /** Belongs to the head of the document. */
  metadata: 256,
} as const;

const groups: readonly (readonly [names: string, bits: number])[] = [
  [
    'area base br col embed hr img input link meta param source track wbr keygen bgsound basefont frame',
    flag.void,
  ],
  ['script style noembed noframes iframe xmp title textarea plaintext', flag.rawText],
  [
    'address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer form ' +
      'h1 h2 h3 h4 h5 h6 header hgroup hr main menu nav ol p pre section summary ul listing search xmp plaintext',
    flag.block | flag.closesParagraph,
  ],
  ['li dd dt', flag.block | flag.closesParagraph],
  ['table', flag.block | flag.closesParagraph | flag.barrier],
  ['body html caption thead tbody tfoot tr td th option optgroup noscript legend frameset', flag.block],
  ['td th caption html template object marquee applet', flag.barrier],
  ['a b big code em font i nobr s small strike strong tt u', flag.formatting],
  ['h1 h2 h3 h4 h5 h6', flag.heading],
  [
    'script style template noembed noframes iframe object embed applet svg canvas audio video map select datalist',
    flag.invisible,
  ],
  ['base basefont bgsound link meta noframes script style template title head', flag.metadata],
  // Known by number because readers ask for them.
  [
    'span abbr cite q sub sup var kbd samp mark time del ins label picture ruby rt rp math svg data address colgroup',
    0,
  ],
  [
    'input textarea select button iframe object video audio figure main article section nav header footer aside',
    0,
  ],
];

export const tagNames: string[] = ['#text', 'unknown'];
const numbers = new Map<string, number>();
const bits: number[] = [0, 0];

for (const [names, value] of groups) {
  for (const name of names.split(' ')) {
    let number = numbers.get(name);
    if (number === undefined) {
      number = tagNames.push(name) - 1;
      numbers.set(name, number);
      bits.push(0);
    }
    bits[number] |= value;
  }
}

/** Number of a text node. */
export const textTag = 0;
/** Number shared by all elements that are not listed. */
export const unknownTag = 1;
export const tagCount = tagNames.length;
export const tagFlags = Uint16Array.from(bits);

/** The number of a lower-case element name. */
export function tagNumber(name: string): number {
  return numbers.get(name) ?? unknownTag;
}

/** A lookup table over tag numbers, for questions like "is it one of these?". */
export function tagSet(names: string): Uint8Array {
  const set = new Uint8Array(tagCount);
  for (const name of names.split(' ')) set[tagNumber(name)] = 1;
  set[unknownTag] = 0;
  return set;
}

/** Numbers by name, for the names that code compares with: `tag.p`. */
export const tag = Object.fromEntries(numbers) as Record<KnownTag, number>;

type KnownTag =
  | 'a'
  | 'abbr'
  | 'article'
  | 'aside'
  | 'audio'
  | 'b'
  | 'base'
  | 'blockquote'
  | 'body'
  | 'br'
  | 'button'
  | 'caption'
  | 'code'
  | 'dd'
  | 'del'
  | 'details'
  | 'div'
  | 'dl'
  | 'dt'
  | 'em'
  | 'figcaption'
  | 'figure'
  | 'footer'
  | 'form'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'h4'
  | 'h5'
  | 'h6'
  | 'head'
  | 'header'
  | 'hr'
  | 'html'
  | 'i'
  | 'iframe'
  | 'img'
  | 'input'
  | 'label'
  | 'li'
  | 'link'
  | 'main'
  | 'math'
  | 'meta'
  | 'nav'
  | 'noscript'
  | 'object'
  | 'ol'
  | 'optgroup'
  | 'option'
  | 'p'
  | 'pre'
  | 'q'
  | 'rp'
  | 'rt'
  | 'ruby'
  | 'script'
  | 'section'
  | 'select'
  | 'span'
  | 'strong'
  | 'style'
  | 'sub'
  | 'summary'
  | 'sup'
  | 'svg'
  | 'table'
  | 'tbody'
  | 'td'
  | 'template'
  | 'textarea'
  | 'tfoot'
  | 'th'
  | 'thead'
  | 'time'
  | 'title'
  | 'tr'
  | 'ul'
  | 'var'
  | 'video'
  | 'xmp'
  | 'listing'
  | 'plaintext'
  | 'samp'
  | 'kbd'
  | 'caption'
  | 'colgroup'
  | 'cite'
  | 's'
  | 'ins'
  | 'dir'
  | 'menu'
  | 'center'
  | 'address';
