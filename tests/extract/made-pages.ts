// Whole pages of many kinds, made from a seed in the structures that site software gives them: what a person would call
// the page's content is `wanted`, what surrounds it is `unwanted`. Texts are put together here, none is anybody's.
import { createWriter, type Writer } from './made-sentences.ts';

export interface MadePage {
  readonly kind: string;
  readonly html: string;
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
}

/** Collects a page's segments while its template is written. */
interface Page extends Writer {
  want(text: string): string;
  leave(text: string): string;
  /** A wanted paragraph, sentence, heading. */
  text(): string;
  line(): string;
  title(): string;
}

type Template = (page: Page) => string;

const times = (count: number, make: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => make(i)).join('\n');

const head = (title: string, language = 'en', more = ''): string =>
  `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title} | Example</title>${more}</head>`;

const siteMenu = (p: Page): string =>
  `<header><div class="logo"><a href="/">Example</a></div><nav class="main-nav"><ul>${times(6, (i) => `<li><a href="/${i}">${p.leave(`${p.pick(['Local', 'World', 'Money', 'Sport', 'Books'])} section ${i}`)}</a></li>`)}</ul></nav></header>`;
const siteFoot = (p: Page): string =>
  `<footer><ul><li><a href="/i">${p.leave('Imprint and contact')}</a></li><li><a href="/p">${p.leave('Privacy statement')}</a></li></ul><p>${p.leave('© 2024 Example Media Ltd. All rights reserved.')}</p></footer>`;
const cookies = (p: Page): string =>
  `<div id="cookie-consent" class="cc-window"><p>${p.leave('We and our 214 partners use cookies to store and access information on your device.')}</p><button>${p.leave('Accept all and continue')}</button></div>`;
const related = (p: Page): string =>
  `<section class="related-posts"><h3>${p.leave('You might also like')}</h3><ul>${times(4, () => `<li><a href="/r"><img src="r.jpg">${p.leave(p.heading())}</a></li>`)}</ul></section>`;
const shareBar = (p: Page): string =>
  `<div class="social-share"><a href="#f">${p.leave('Share on Facebook')}</a> <a href="#t">${p.leave('Send by e-mail')}</a></div>`;
const commentForm = (p: Page): string =>
  `<div id="respond" class="comment-respond"><h3>${p.leave('Leave a comment')}</h3><form><label>${p.leave('Your e-mail address will not be published.')}</label><textarea name="c"></textarea><input type="submit" value="Send"></form></div>`;
const advert = (p: Page): string =>
  `<div class="ad-slot"><span>${p.leave('Advertisement')}</span><a href="https://ads.example/x">${p.leave('Mattresses up to 60 % off this week only')}</a></div>`;

const news: Template = (p) => {
  const title = p.title();
  return `${head(title)}<body>${cookies(p)}${siteMenu(p)}<main><article><h1>${title}</h1>${shareBar(p)}<figure><img src="a.jpg" alt=""><figcaption>${p.line()}</figcaption></figure>
${times(3, () => `<p>${p.text()}</p>`)}${advert(p)}<h2>${p.want(p.heading())}</h2><p>${p.text()}</p><blockquote><p>${p.text()}</p></blockquote><p>${p.text()}</p></article>${related(p)}${commentForm(p)}</main>${siteFoot(p)}</body></html>`;
};

const divOnly: Template = (p) =>
  `${head(p.title())}<body><div class="a1">${times(5, (i) => `<div class="b2"><a href="/${i}">${p.leave(`Section number ${i}`)}</a></div>`)}</div><div class="c3"><div class="d4">${times(6, () => `<div>${p.text()}</div>`)}</div><div class="e5">${times(5, () => `<div><a href="/x">${p.leave(p.heading())}</a></div>`)}</div></div><div class="f6">${p.leave('© 2023 Nobody. Terms. Imprint.')}</div></body></html>`;

const breaksOnly: Template = (p) =>
  `<html><head><title>${p.heading()}</title></head><body bgcolor=white><center><a href=a.html>${p.leave('Back to the index')}</a> | <a href=b.html>${p.leave('Guest book of this site')}</a></center><hr><h2>${p.title()}</h2><font face=arial>${times(6, () => `${p.text()}<br><br>`)}</font><hr><a href=c.html>${p.leave('Mail the webmaster')}</a></body></html>`;

const tableLayout: Template = (p) =>
  `<html><head><title>${p.heading()}</title></head><body><table width="100%"><tr><td colspan="3"><a href="/">${p.leave('Start page of the club')}</a></td></tr><tr><td width="120">${times(6, (i) => `<a href="/${i}">${p.leave(`Archive of 200${i}`)}</a><br>`)}</td><td><h1>${p.title()}</h1>${times(4, () => `<p>${p.text()}</p>`)}<table border="1"><tr><th>${p.want('Station name')}</th><th>Depth</th></tr><tr><td>${p.want('Upper lock')}</td><td>${p.want('14 fathoms')}</td></tr><tr><td>${p.want('Mill weir')}</td><td>${p.want('9 fathoms')}</td></tr></table><p>${p.text()}</p></td><td width="160">${times(3, () => `<b>${p.leave(p.heading())}</b><br><a href="/n">${p.leave('Read the whole notice')}</a><br>`)}</td></tr></table><center><font size=1>${p.leave('Last updated by the secretary. Copyright the club.')}</font></center></body></html>`;

const generatedNames: Template = (p) =>
  `${head(p.title())}<body><div id="root"><div class="l c"><div class="fk fl"><a class="af ag" href="/">${p.leave('Open in app')}</a><a class="af ag" href="/in">${p.leave('Sign in to continue')}</a></div></div><article class="meteredContent"><div class="n"><section><div><div class="gh gi"><h1 class="pw-post-title">${p.title()}</h1><div class="gj gk"><a href="/@ann">${p.leave('Ann Bell')}</a><span>${p.leave('Follow')}</span><span>${p.leave('7 min read')}</span></div>${times(3, () => `<p class="pw-post-body-paragraph gl">${p.text()}</p>`)}<h2 class="gm">${p.want(p.heading())}</h2>${times(2, () => `<p class="pw-post-body-paragraph gl">${p.text()}</p>`)}<ul class="gn"><li class="go">${p.line()}</li><li class="go">${p.line()}</li></ul><p class="pw-post-body-paragraph gl">${p.text()}</p></div></div></section></div></article><div class="gp gq">${times(4, () => `<div class="gr"><a href="/p"><h2>${p.leave(p.heading())}</h2></a><span>${p.leave('4 min read · Mar 3')}</span></div>`)}</div></div></body></html>`;

const wordpress: Template = (p) =>
  `${head(p.title())}<body class="post-template-default single single-post"><div id="page" class="site"><header id="masthead" class="site-header"><p class="site-description">${p.leave('Notes from a shed')}</p><nav id="site-navigation"><ul class="menu"><li class="menu-item"><a href="/a">${p.leave('About the shed')}</a></li></ul></nav></header><div id="primary"><main id="main"><article id="post-7" class="post-7 post type-post"><header class="entry-header"><h1 class="entry-title">${p.title()}</h1><div class="entry-meta"><span class="posted-on">${p.leave('Posted on March 3, 2021')}</span></div></header><div class="entry-content">${times(4, () => `<p>${p.text()}</p>`)}<pre class="wp-block-code"><code>${p.want('make -C shed all')}</code></pre><p>${p.text()}</p><div class="sharedaddy sd-sharing-enabled"><h3>${p.leave('Share this:')}</h3><ul><li><a href="#">${p.leave('Click to share on Twitter')}</a></li></ul></div><div id="jp-relatedposts"><h3>${p.leave('Related')}</h3><a href="/z">${p.leave(p.heading())}</a></div></div><footer class="entry-footer"><span class="cat-links">${p.leave('Posted in Carpentry')}</span></footer></article><nav class="navigation post-navigation"><a href="/prev">${p.leave(`Previous post: ${p.heading()}`)}</a></nav>${commentForm(p)}</main></div><aside id="secondary" class="widget-area"><section class="widget widget_recent_entries"><h2>${p.leave('Recent Posts')}</h2><ul>${times(5, () => `<li><a href="/q">${p.leave(p.heading())}</a></li>`)}</ul></section></aside></div></body></html>`;

const blogger: Template = (p) =>
  `${head(p.title())}<body><div class="navbar section"><div class="widget Navbar"></div></div><div class="header section"><h1 class="title">${p.leave('The Pear Tree Diary')}</h1></div><div class="main section" id="main"><div class="widget Blog"><div class="blog-posts hfeed"><div class="date-outer"><h2 class="date-header"><span>Sunday, 3 March 2013</span></h2><div class="post-outer"><div class="post hentry"><h3 class="post-title entry-title">${p.title()}</h3><div class="post-body entry-content">${p.text()}<br /><br />${p.text()}<br /><br /><div class="separator"><a href="i.jpg"><img src="i.jpg"/></a></div>${p.text()}<div style="clear: both;"></div></div><div class="post-footer"><span class="post-author">${p.leave('Posted by Mrs Pear')}</span> <a href="#">${p.leave('Email This BlogThis! Share to Pinterest')}</a></div></div></div></div></div></div></div><div class="sidebar section"><div class="widget BlogArchive"><h2>${p.leave('Blog Archive')}</h2><ul>${times(6, (i) => `<li><a href="/${i}">${p.leave(`${2010 + i} entries`)}</a> (${i + 3})</li>`)}</ul></div></div><div class="footer section">${p.leave('Picture Window theme. Powered by Blogger.')}</div></body></html>`;

/** Templates of news and blogs. */
export const articleTemplates = {
  news,
  divOnly,
  breaksOnly,
  tableLayout,
  generatedNames,
  wordpress,
  blogger,
};

export function makePage(
  kind: string,
  template: Template,
  seed: number,
  language: Parameters<typeof createWriter>[0] = 'en',
): MadePage {
  const writer = createWriter(language, seed);
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const want = (text: string): string => (wanted.push(text), text);
  const leave = (text: string): string => (unwanted.push(text), text);
  let title: string | undefined;
  const page: Page = {
    ...writer,
    want,
    leave,
    text: () => want(writer.paragraph()),
    line: () => want(writer.sentence()),
    title: () => (title ??= writer.heading()),
  };
  const html = template(page);
  return { kind: language === 'en' ? kind : `${kind} ${language}`, html, wanted, unwanted };
}
export type { Page, Template };
export { advert, commentForm, cookies, head, related, shareBar, siteFoot, siteMenu, times };
