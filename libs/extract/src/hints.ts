// What class names, ids, roles and microdata say of an element, as bits. Names are cut into words (related-articles,
// relatedArticles) and looked up; a word is listed when it means the same on sites that know nothing of each other.

/** Kinds of hint, combined as bits. */
export const hint = {
  navigation: 1,
  comments: 2,
  share: 4,
  related: 8,
  advert: 16,
  consent: 32,
  subscribe: 64,
  aside: 128,
  header: 256,
  footer: 512,
  hidden: 1024,
  meta: 2048,
  content: 4096,
  body: 8192,
  media: 16384,
  title: 32768,
  author: 65536,
  search: 131072,
  tags: 262144,
  form: 524288,
  list: 1048576,
} as const;

const words: readonly (readonly [words: string, bit: number])[] = [
  [
    'nav navi navbar navigation menu menus submenu breadcrumb breadcrumbs pagination pager paging pagenav toc skip skiplink sitemap topbar toolbar jump dropdown mainnav subnav offcanvas hamburger tabs',
    hint.navigation,
  ],
  [
    'comment comments commentlist disqus kommentar kommentare commenting respond reply replies livefyre leserkommentare forumposts userbewertung commentaires comentarios',
    hint.comments,
  ],
  [
    'share sharing sharebar shares social socials sociallinks addthis sharedaddy addtoany facebook twitter whatsapp pinterest linkedin followus follow teilen bookmark shariff socialmedia',
    hint.share,
  ],
  [
    'related recommend recommended recommendation recommendations recommendations similar more morelinks readmore teaser teasers promo promos promotion outbrain taboola popular mostread trending mehr readnext upnext crosslinks relatedposts yarpp verwandt ähnliche linklist linkbox latest carousel slider newsfeed',
    hint.related,
  ],
  [
    'ad ads adv advert adverts advertisement advertising adsense adslot adbox adcontainer adwrapper banner banners sponsor sponsored sponsors anzeige anzeigen werbung reklame publicite publicidad dfp gpt affiliate shopping commercial',
    hint.advert,
  ],
  ['cookie cookies consent gdpr cmp cookiebar cookienotice privacy datenschutz', hint.consent],
  [
    'newsletter subscribe subscription abo signup signin login register paywall modal popup overlay optin registration piano regwall lightbox mailing premium',
    hint.subscribe,
  ],
  [
    'sidebar side aside rail widget widgets widgetarea secondary marginal marginalia rightcol rightcolumn leftcol complementary infobox factbox',
    hint.aside,
  ],
  ['masthead header head siteheader pageheader branding logo top', hint.header],
  [
    'footer foot colophon copyright legal imprint impressum sitefooter pagefooter bottom disclaimer footnotes',
    hint.footer,
  ],
  ['hidden hide invisible visuallyhidden screenreader sr offscreen noprint printonly print', hint.hidden],
  [
    'meta metadata postmeta entrymeta info infos byline dateline date published timestamp time details credits credit',
    hint.meta,
  ],
  [
    'article story post entry news hentry main content inhalt contents artikel page blog blogpost prose text richtext',
    hint.content,
  ],
  [
    'articlebody bodytext storybody postbody entrycontent postcontent articlecontent articletext body bodycopy storytext maincontent postentry copy paragraph paragraphs markdown rst wysiwyg ce_text textblock',
    hint.body,
  ],
  [
    'image images img photo foto picture gallery bild bilder bildergalerie slideshow figure caption video media player thumbnail thumb audio',
    hint.media,
  ],
  ['title headline heading ueberschrift überschrift kicker', hint.title],
  ['author authors autor bio authorbox vcard profile about autoren', hint.author],
  ['search suche searchform searchbar searchbox recherche', hint.search],
  [
    'tag tags tagcloud taglist categories category keywords topics themen schlagworte stichworte cat rubrik labels topic',
    hint.tags,
  ],
  ['form contact input login', hint.form],
  ['list liste items grid cards card tiles tile collection archive stream feed', hint.list],
];

const bitsOfWord = new Map<string, number>();
for (const [list, bit] of words)
  for (const word of list.split(' ')) bitsOfWord.set(word, (bitsOfWord.get(word) ?? 0) | bit);

const roles: Readonly<Record<string, number | undefined>> = {
  navigation: hint.navigation,
  menu: hint.navigation,
  menubar: hint.navigation,
  tablist: hint.navigation,
  banner: hint.header,
  contentinfo: hint.footer,
  complementary: hint.aside,
  search: hint.search,
  dialog: hint.subscribe,
  alertdialog: hint.consent,
  main: hint.content,
  article: hint.content,
};

const cache = new Map<string, number>();
const mostCached = 50_000;

/** The hints in a class or id attribute. */
export function hintsOfName(name: string): number {
  const known = cache.get(name);
  if (known !== undefined) return known;
  let bits = 0;
  // Words longer than this are generated names; reading them would cost more than it tells.
  const spaced = name
    .slice(0, 400)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
  const parts = spaced.split(/[^a-z0-9äöüßéèà]+/);
  for (let i = 0; i < parts.length; i++) {
    bits |= bitsOfWord.get(parts[i]) ?? 0;
    if (i > 0) bits |= bitsOfWord.get(parts[i - 1] + parts[i]) ?? 0;
  }
  if (cache.size >= mostCached) cache.clear();
  cache.set(name, bits);
  return bits;
}

/** The hint in a role attribute. */
export function hintsOfRole(role: string): number {
  return roles[role.trim().toLowerCase()] ?? 0;
}
