// Made pages that are no articles: forums, questions and answers, documentation, products, listings, recipes.
import {
  advert,
  cookies,
  head,
  related,
  shareBar,
  siteFoot,
  siteMenu,
  times,
  type Page,
  type Template,
} from './made-pages.ts';

const post = (p: Page, i: number): string =>
  `<div id="p${i}" class="post ${i % 2 ? 'bg1' : 'bg2'}"><dl class="postprofile"><dt><a href="/u">${p.leave(`Member_${i}x`)}</a></dt><dd>${p.leave(`Posts: ${1200 + i}`)}</dd><dd>Joined: Mon Jan 0${i + 1}, 2007</dd></dl><div class="postbody"><h3><a href="#p${i}">Re: pears</a></h3><p class="author">by the same » Tue 4:1${i} pm</p><div class="content">${p.text()}<br><br>${p.text()}</div><div class="signature">${p.leave(`Signature of shed number ${i}, ask me about glue.`)}</div></div><a href="#top">${p.leave('Top')}</a></div>`;

const bulletinBoard: Template = (p) =>
  `${head(p.title())}<body id="phpbb"><div id="page-header"><a href="./index.php">${p.leave('Board index')}</a><form id="search">${p.leave('Advanced search')}</form></div><div id="page-body"><h2 class="topic-title"><a href="./viewtopic.php">${p.title()}</a></h2><div class="action-bar"><a href="./posting.php">${p.leave('Post Reply')}</a><div class="pagination">${p.leave('28 posts • Page 1 of 2')}</div></div>${times(5, (i) => post(p, i))}</div><div id="page-footer"><a href="./index.php">${p.leave('Delete cookies')}</a> ${p.leave('Powered by forum software of others')}</div></body></html>`;

const discussion: Template = (p) =>
  `${head(p.title())}<body><header><a href="/">Talk</a></header><div id="topic-title"><h1><a href="/t/1">${p.title()}</a></h1></div>${times(5, (i) => `<div id="post_${i}" itemscope class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator"><a href="/u/a"><span itemprop="name">user${i}a</span></a></span><time class="post-time">March ${i}, 2021</time></div><div class="post" itemprop="text"><p>${p.text()}</p><p>${p.text()}</p></div><div class="post-likes">${i + 2} Likes</div></div>`)}<div id="related-topics" class="more-topics__list"><h3>${p.leave('Suggested topics')}</h3><table>${times(4, () => `<tr><td><a href="/t/9">${p.leave(p.heading())}</a></td><td>7</td><td>March 2020</td></tr>`)}</table></div><footer><nav><a href="/tos">${p.leave('Terms of Service of Talk')}</a></nav></footer></body></html>`;

const answer = (p: Page, i: number): string =>
  `<div id="answer-${i}" class="answer js-answer"><div class="votecell"><div class="js-vote-count">${40 - i}</div></div><div class="answercell"><div class="s-prose js-post-body" itemprop="text"><p>${p.text()}</p><pre><code>${p.want(`pear --slice ${i} | tee out.txt`)}</code></pre><p>${p.text()}</p></div><div class="post-menu"><a href="#">${p.leave('Improve this answer')}</a></div><div class="user-info">${p.leave(`answered Mar ${i + 1} at 10:0${i}`)}</div></div></div>`;

const question: Template = (p) =>
  `${head(p.title())}<body class="question-page"><header>${p.leave('Stack of Pears')}<form class="s-topbar--search"><input placeholder="Search"></form></header><div class="container"><div id="left-sidebar"><nav><a href="/q">${p.leave('All questions')}</a><a href="/t">${p.leave('Browse all tags')}</a></nav></div><div id="content"><div id="question-header"><h1><a href="/q/1">${p.title()}</a></h1></div><div id="mainbar"><div class="question" id="question"><div class="postcell"><div class="s-prose js-post-body" itemprop="text"><p>${p.text()}</p><p>${p.text()}</p></div><div class="post-taglist"><a class="post-tag" href="/t/p">${p.leave('pear-slicing')}</a></div></div></div><div id="answers"><h2>3 Answers</h2>${times(3, (i) => answer(p, i))}<h2>${p.leave('Your Answer')}</h2><form id="post-form">${p.leave('Thanks for contributing an answer!')}</form></div></div><div id="sidebar"><div class="module"><h4>${p.leave('Hot Network Questions')}</h4><ul>${times(5, () => `<li><a href="/h">${p.leave(p.heading())}</a></li>`)}</ul></div></div></div></div></body></html>`;

const sphinx: Template = (p) =>
  `${head(p.title())}<body><div class="related" role="navigation"><ul><li class="right"><a href="genindex.html">${p.leave('General Index of all names')}</a></li></ul></div><div class="document"><div class="documentwrapper"><div class="bodywrapper"><div class="body" role="main"><section id="x"><h1>${p.title()}<a class="headerlink" href="#x">¶</a></h1><p>${p.text()}</p><dl class="py function"><dt class="sig sig-object py"><span class="sig-name">slice</span>(<em>pear</em>, <em>count=2</em>)</dt><dd><p>${p.text()}</p><dl class="field-list simple"><dt class="field-odd">Parameters</dt><dd class="field-odd"><ul class="simple"><li><p><strong>pear</strong> – ${p.line()}</p></li><li><p><strong>count</strong> – ${p.line()}</p></li></ul></dd></dl></dd></dl><div class="highlight-python"><div class="highlight"><pre><span class="n">${p.want('basket')}</span> = <span class="n">slice</span>(pear)
</pre></div></div><div class="admonition note"><p class="admonition-title">Note</p><p>${p.text()}</p></div></section></div></div></div><div class="sphinxsidebar" role="navigation"><div class="sphinxsidebarwrapper"><h3>${p.leave('Table of Contents')}</h3><h4>Previous topic</h4><p class="topless"><a href="a.html">${p.leave('Installing the slicer')}</a></p><h3>${p.leave('This Page')}</h3><ul><li><a href="_sources/x">${p.leave('Show Source')}</a></li></ul></div></div></div><div class="footer">${p.leave('Created using Sphinx 5.3.0.')}</div></body></html>`;

const docusaurus: Template = (p) =>
  `${head(p.title())}<body><div id="__docusaurus"><nav class="navbar navbar--fixed-top"><a class="navbar__item" href="/docs">${p.leave('Documentation of pears')}</a></nav><div class="main-wrapper"><aside class="theme-doc-sidebar-container"><nav class="menu thin-scrollbar"><ul class="theme-doc-sidebar-menu">${times(6, (i) => `<li><a class="menu__link" href="/${i}">${p.leave(`Chapter ${i} of the guide`)}</a></li>`)}</ul></nav></aside><main class="docMainContainer"><div class="container"><div class="row"><div class="col docItemCol"><article><nav class="theme-doc-breadcrumbs"><ul class="breadcrumbs"><li>${p.leave('Guides and tutorials')}</li></ul></nav><div class="theme-doc-markdown markdown"><header><h1>${p.title()}</h1></header><p>${p.text()}</p><h2>${p.want(p.heading())}<a href="#h" class="hash-link">​</a></h2><p>${p.text()}</p><div class="language-bash codeBlockContainer"><pre class="prism-code language-bash"><code class="codeBlockLines"><span class="token-line"><span>npm install </span><span>${p.want('pear-slicer')}</span><br></span></code></pre></div><table><thead><tr><th>Option</th><th>Meaning</th></tr></thead><tbody><tr><td><code>${p.want('sliceCount')}</code></td><td>${p.line()}</td></tr><tr><td><code>${p.want('keepCore')}</code></td><td>${p.line()}</td></tr></tbody></table><p>${p.text()}</p></div><footer class="theme-doc-footer"><a href="https://x">${p.leave('Edit this page')}</a></footer></article><nav class="pagination-nav"><a href="/n">${p.leave('Next: packing the basket')}</a></nav></div><div class="col col--3"><div class="tableOfContents"><ul><li><a href="#h">On this page</a></li></ul></div></div></div></div></main></div><footer class="footer">${p.leave('Built with Docusaurus.')}</footer></div></body></html>`;

const javadoc: Template = (p) =>
  `${head('PearSlicer')}<body class="class-declaration-page"><div class="flex-box"><header class="flex-header"><nav role="navigation"><div class="top-nav"><ul class="nav-bar-list"><li><a href="../index.html">${p.leave('Overview of modules')}</a></li><li><a href="../help-doc.html">${p.leave('Help on this site')}</a></li></ul></div></nav></header><div class="flex-content"><main role="main"><div class="header"><h1 class="title">Class PearSlicer</h1></div><section class="class-description"><div class="block">${p.text()}</div></section><section class="summary"><h2>Method Summary</h2><div class="summary-table"><div class="col-first"><code>int</code></div><div class="col-second"><code>slice()</code></div><div class="col-last"><div class="block">${p.line()}</div></div></div></section><section class="details"><section class="detail"><h3>slice</h3><div class="block">${p.text()}</div><dl class="notes"><dt>Returns:</dt><dd>${p.line()}</dd></dl></section><section class="detail"><h3>${p.want('emptyBasket')}</h3><div class="block">${p.text()}</div></section></section></main><footer role="contentinfo"><p class="legal-copy"><small>${p.leave('Copyright 2024 The Orchard. Use is subject to terms.')}</small></p></footer></div></div></body></html>`;

const product: Template = (p) =>
  `${head(p.title(), 'en', '<meta property="og:type" content="product">')}<body>${cookies(p)}${siteMenu(p)}<div class="breadcrumbs"><a href="/">Home</a> › <a href="/k">${p.leave('Kitchen and table')}</a></div><main class="product"><div class="product-gallery"><img src="p.jpg"></div><div class="product-info"><h1>${p.title()}</h1><div class="price">€ 24.90</div><button class="add-to-cart">${p.leave('Add to basket')}</button><ul class="features"><li>${p.line()}</li><li>${p.line()}</li></ul></div><div class="product-description"><h2>Description</h2><p>${p.text()}</p><p>${p.text()}</p></div><table class="specs"><tr><th>Material</th><td>${p.want('Stainless steel')}</td></tr><tr><th>Weight</th><td>${p.want('420 grams')}</td></tr><tr><th>Blade</th><td>${p.want('Twelve wires')}</td></tr></table><div class="reviews"><h2>Reviews</h2>${times(2, () => `<div class="review"><p>${p.paragraph()}</p></div>`)}</div></main><section class="recommended-products"><h2>${p.leave('Customers also bought')}</h2>${times(4, (i) => `<div class="card"><a href="/p${i}">${p.leave(`Cherry stoner model ${i}`)}</a><span>€ ${i + 3}.50</span></div>`)}</section>${siteFoot(p)}</body></html>`;

const listing: Template = (p) =>
  `${head(p.title())}<body>${siteMenu(p)}<main><h1>${p.title()}</h1><div class="post-list">${times(8, (i) => `<article class="teaser-item"><h2><a href="/a${i}">${p.want(p.heading())}</a></h2><p>${p.text()}</p><a class="more" href="/a${i}">${p.leave('Continue reading →')}</a></article>`)}</div><div class="pagination"><a href="/2">${p.leave('Older entries')}</a></div></main><aside class="sidebar"><h3>${p.leave('Tags in this blog')}</h3><a href="/t">${p.leave('orchard-news')}</a></aside>${siteFoot(p)}</body></html>`;

const recipe: Template = (p) =>
  `${head(p.title())}<body>${siteMenu(p)}<article class="recipe"><h1>${p.title()}</h1>${shareBar(p)}<p>${p.text()}</p><h2>Ingredients</h2><ul class="recipe-ingredients"><li>${p.want('4 ripe pears')}</li><li>${p.want('120 g brown sugar')}</li><li>${p.want('a pinch of cardamom')}</li></ul>${advert(p)}<h2>Method</h2><ol class="recipe-steps"><li>${p.line()}</li><li>${p.line()}</li><li>${p.line()}</li></ol><p>${p.text()}</p></article>${related(p)}${siteFoot(p)}</body></html>`;

const manual: Template = (p) =>
  `<html><head><title>slice(1)</title></head><body><h1>${p.want('SLICE')}</h1><a href="#NAME">${'NAME'}</a><br><hr><h2>NAME</h2><p style="margin-left:11%">${p.want('slice − cut pears into parts')}</p><h2>SYNOPSIS</h2><p style="margin-left:11%"><b>slice</b> [<i>${p.want('−n count')}</i>]</p><h2>OPTIONS</h2><table><tr><td width="11%"></td><td><p>${p.want('−n')}</p></td><td><p>${p.line()}</p></td></tr><tr><td></td><td><p>${p.want('−q')}</p></td><td><p>${p.line()}</p></td></tr></table><h2>DESCRIPTION</h2><p style="margin-left:11%">${p.text()}</p><p style="margin-left:11%">${p.text()}</p></body></html>`;

/** Templates by kind. */
export const structuredTemplates = {
  bulletinBoard,
  discussion,
  question,
  sphinx,
  docusaurus,
  javadoc,
  product,
  listing,
  recipe,
  manual,
};
