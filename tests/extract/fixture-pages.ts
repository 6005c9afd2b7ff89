// Small pages of several kinds, written for these tests.
export interface FixturePage {
  readonly name: string;
  readonly text: string;
  readonly sourceKind?: string;
}

const menu =
  '<nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li><li><a href="/sport">Sport</a></li></ul></nav>';
const foot =
  '<footer><p>Copyright 2024 The Gazette. <a href="/privacy">Privacy</a> <a href="/imprint">Imprint</a></p></footer>';
const first =
  'The bridge over the Lark was closed on Monday after divers found cracks in two of its piers, the council said in a statement.';
const second =
  'Engineers will now measure how far the cracks reach. Until then, buses take the long way round through the old town, which adds twenty minutes.';
const third =
  '“We knew that it was old, but nobody expected this,” said the mayor. Work should begin in March and last until autumn.';

export const newsPage = `<!doctype html><html lang="en-gb"><head><title>Bridge closed after divers find cracks - The Gazette</title>
<meta property="og:site_name" content="The Gazette"><meta name="author" content="Jane Porter"><meta property="article:published_time" content="2024-02-05T09:30:00Z">
<link rel="canonical" href="https://gazette.example/bridge"><link rel="license" href="https://creativecommons.org/licenses/by/4.0/"></head>
<body><div class="cookie-banner"><p>We use cookies to make this site work. <button>Accept</button></p></div>${menu}
<article><h1>Bridge closed after divers find cracks</h1><p class="byline">By Jane Porter</p><div class="share"><a href="#f">Share on Facebook</a></div>
<p>${first}</p><p>${second}</p><h2>What happens now</h2><p>${third}</p>
<ul><li>The footpath stays open.</li><li>Boats may pass below at any time.</li></ul></article>
<div class="related"><h3>More stories</h3><ul><li><a href="/1">Ferry timetable changes again</a></li><li><a href="/2">School roof repaired at last</a></li></ul></div>
<div id="comments"><h3>Comments</h3><p>Reader one: about time too, I have been saying this for years and nobody listened to me.</p></div>${foot}</body></html>`;

export const fixturePages: readonly FixturePage[] = [
  { name: 'news', text: newsPage },
  {
    name: 'product',
    text: `<html><head><title>Drive belt 6PK1200 | Parts</title></head><body>${menu}<h1>Drive belt 6PK1200</h1><div class="product"><div id="description"><p>A ribbed belt for engines of 1.6 to 2.0 litres, made of reinforced rubber that keeps its length for years.</p>
<p>Fits most models built after 2008. Check the number on the old belt before you order.</p></div><table class="specs"><tr><th>Length</th><td>1200 mm</td></tr><tr><th>Ribs</th><td>6</td></tr><tr><th>Weight</th><td>180 g</td></tr></table></div>${foot}</body></html>`,
  },
  {
    name: 'documentation',
    text: `<html><head><title>belt-check manual</title></head><body>${menu}<main><h1>belt-check</h1><p>Checks the tension of every belt that is connected, and prints one line for each of them.</p>
<pre><code>belt-check --all\n  --format json</code></pre><h2>Options</h2><dl><dt>--all</dt><dd>Checks belts that are at rest as well as those that are moving.</dd></dl></main>${foot}</body></html>`,
  },
  {
    name: 'layout-table',
    text: `<html><body><table><tr><td><a href=a>Home</a><br><a href=b>Links</a></td><td><font size=5>My journey</font><br><br>${first}<br><br>${second}</td></tr></table></body></html>`,
  },
  {
    name: 'japanese',
    text: `<html lang=ja><body>${menu}<div><p>${'吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。'.repeat(3)}</p></div>${foot}</body></html>`,
  },
  {
    name: 'chapter',
    sourceKind: 'book',
    text: `<html xmlns="http://www.w3.org/1999/xhtml"><body><nav>Contents</nav><h2>I</h2><p>Short.</p></body></html>`,
  },
  {
    name: 'markdown',
    text: '# A title\n\nSome *words* with [a link](https://a.example/) here.\n\n```\ncode_here\n```\n\n- one\n- two\n',
  },
  { name: 'text', text: 'Just a line of text.\r\nAnd another one.' },
  { name: 'empty', text: '' },
];
