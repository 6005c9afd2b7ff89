// A MediaWiki export around pages, as mediawiki.org/wiki/Help:Export and the schema export-0.11 describe it.

export interface DumpPage {
  readonly title: string;
  readonly text?: string;
  readonly namespace?: number;
  readonly redirect?: string;
  readonly model?: string;
  readonly date?: string;
}

const escape = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

export const dumpHead = `<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">
  <siteinfo>
    <sitename>Millwiki</sitename>
    <dbname>millwiki</dbname>
    <base>https://mill.example/wiki/Main_Page</base>
    <generator>MediaWiki 1.44.0</generator>
    <case>first-letter</case>
    <namespaces><namespace key="0" case="first-letter" /><namespace key="1" case="first-letter">Talk</namespace></namespaces>
  </siteinfo>
`;

export function dumpPage(page: DumpPage, id = 1): string {
  const { title, text, namespace = 0, redirect, model = 'wikitext', date = '2024-05-06T07:08:09Z' } = page;
  const shown =
    text === undefined
      ? '<text bytes="9" deleted="deleted" />'
      : `<text bytes="${Buffer.byteLength(text)}" xml:space="preserve">${escape(text)}</text>`;
  return `  <page>
    <title>${escape(title)}</title>
    <ns>${namespace}</ns>
    <id>${id}</id>${redirect === undefined ? '' : `\n    <redirect title="${escape(redirect)}" />`}
    <revision>
      <id>${1000 + id}</id>
      <timestamp>${date}</timestamp>
      <contributor><username>Ann</username><id>7</id></contributor>
      <model>${model}</model>
      <format>text/x-wiki</format>
      ${shown}
      <sha1>x</sha1>
    </revision>
  </page>
`;
}

export function writeDump(pages: readonly DumpPage[]): string {
  return `${dumpHead}${pages.map(dumpPage).join('')}</mediawiki>\n`;
}
