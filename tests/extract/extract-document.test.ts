// What extractDocument makes of pages and other kinds of document.
import { describe, expect, test } from 'vitest';
import {
  extractDocument,
  type ExtractItem,
  type ExtractOptions,
  type ExtractedDocument,
} from '@gristmill/extract';
import { fixturePages, newsPage } from './fixture-pages.ts';

async function extract(
  text: string,
  options: ExtractOptions = {},
  item: Partial<ExtractItem> = {},
): Promise<ExtractedDocument> {
  const result = await extractDocument({ bytes: new TextEncoder().encode(text), ...item }, options);
  if ('verdict' in result) throw new Error(result.verdict.reason);
  return result;
}
const page = (name: string) => fixturePages.find((found) => found.name === name)!.text;

describe('a news page', () => {
  test('keeps the article and loses what is around it', async () => {
    const { text } = await extract(newsPage);
    for (const wanted of [
      'The bridge over the Lark',
      'buses take the long way',
      'What happens now',
      'said the mayor',
      '- The footpath stays open.',
    ]) {
      expect(text).toContain(wanted);
    }
    for (const unwanted of [
      'cookies',
      'Sport',
      'Facebook',
      'More stories',
      'Ferry',
      'Reader one',
      'Copyright',
    ]) {
      expect(text).not.toContain(unwanted);
    }
  });

  test('gives its metadata', async () => {
    expect(await extract(newsPage)).toMatchObject({
      title: 'Bridge closed after divers find cracks',
      author: 'Jane Porter',
      date: '2024-02-05',
      language: 'en-GB',
      licence: 'https://creativecommons.org/licenses/by/4.0/',
      siteName: 'The Gazette',
      canonicalUrl: 'https://gazette.example/bridge',
      kind: 'html',
    });
  });

  test('tells on request which block stayed, by which extractor and why', async () => {
    const { explanation } = await extract(newsPage, { explain: true });
    expect(explanation?.extractor).toMatch(/^(?:classifier|rules)$/);
    const of = (part: string) => explanation?.blocks.find(({ text }) => text.includes(part));
    expect(of('divers found cracks in two')).toMatchObject({ kept: true, element: 'p' });
    expect(of('We use cookies')).toMatchObject({ kept: false });
    expect(of('We use cookies')?.reason).not.toBe('');
    expect((await extract(newsPage)).explanation).toBeUndefined();
  });

  test('becomes Markdown with headings and lists', async () => {
    const { text } = await extract(newsPage, { format: 'markdown' });
    expect(text).toContain('## What happens now\n\n');
    expect(text).toContain('- The footpath stays open.\n- Boats may pass');
  });
});

describe('other kinds of page', () => {
  test('a table of data beside a description is content', async () => {
    expect((await extract(page('product'))).text).toContain('Length | 1200 mm\nRibs | 6');
  });

  test('code keeps its lines', async () => {
    expect((await extract(page('documentation'))).text).toContain('belt-check --all\n  --format json');
  });

  test('a table that arranges the page leaves no table in the text', async () => {
    const { text } = await extract(page('layout-table'));
    expect(text).toContain('closed on Monday');
    expect(text).not.toContain('|');
  });

  test('text without blanks between words is content', async () => {
    expect((await extract(page('japanese'))).text).toMatch(/^吾輩は猫である/);
  });
});

describe('kinds are found in the content', () => {
  test('Markdown loses its marks as text and keeps them as Markdown', async () => {
    const text = page('markdown');
    expect(await extract(text)).toMatchObject({ kind: 'markdown', title: 'A title' });
    expect((await extract(text)).text).toContain('Some words with a link here.');
    expect((await extract(text, { format: 'markdown' })).text).toContain('[a link](https://a.example/)');
  });

  test('LaTeX gives paragraphs, formulas and table rows', async () => {
    const latex = String.raw`\documentclass{article}\newcommand{\ie}{i.e.}\title{On \emph{Belts}}\author{Ann B\"ohm \and Carl D\'{\i}az}
\begin{document}\maketitle\section{Why}\label{w} Belts wear -- \ie{} thin -- as $x^2$~\cite{a}. % note

\begin{itemize}\item One \item Two\end{itemize}
\begin{equation}a=b\label{e}\end{equation}
\begin{tabular}{ll} a & b \\ c & d\end{tabular}
\begin{thebibliography}{9}\bibitem{a} Gone.\end{thebibliography}\end{document}`;
    const document = await extract(latex);
    expect(document).toMatchObject({ kind: 'latex', title: 'On Belts', author: 'Ann Böhm; Carl Díaz' });
    expect(document.text).toBe(
      'On Belts\n\nWhy\n\nBelts wear – i.e. thin – as $x^2$.\n\n- One\n- Two\n\n$$a=b$$\n\na | b\nc | d',
    );
  });

  test('JATS gives title, people, date and sections with references apart', async () => {
    const jats = `<?xml version="1.0"?><article dtd-version="1.1" xml:lang="en"><front><article-meta><title-group><article-title>On <italic>Belts</italic></article-title></title-group>
<contrib-group><contrib contrib-type="author"><name><surname>Böhm</surname><given-names>Ann</given-names></name></contrib></contrib-group>
<pub-date pub-type="epub"><day>3</day><month>10</month><year>2019</year></pub-date><permissions><license xlink:href="https://creativecommons.org/licenses/by/4.0/"><license-p>Free.</license-p></license></permissions>
<abstract><p>They wear.</p></abstract></article-meta></front><body><sec><title>Why</title><p>Because of <xref>1</xref> friction.</p></sec></body><back><ref-list><ref>Gone</ref></ref-list></back></article>`;
    expect(await extract(jats)).toEqual({
      kind: 'jats',
      format: 'text',
      title: 'On Belts',
      author: 'Ann Böhm',
      date: '2019-10-03',
      language: 'en',
      licence: 'https://creativecommons.org/licenses/by/4.0/',
      siteName: undefined,
      text: 'On Belts\n\nThey wear.\n\nWhy\n\nBecause of 1 friction.',
      references: 'Gone',
    });
  });

  test('JATS writes references as they are printed, and takes raised numbers of references out', async () => {
    const body =
      '<p>Rye<sup><xref ref-type="bibr">1</xref>,<xref ref-type="bibr">2</xref></sup> grows on 10<sup>6</sup> m<sup>2</sup> [<xref ref-type="bibr">3</xref>]<xref ref-type="fn"><sup>a</sup></xref>.</p>';
    const refs =
      '<ref><label>1</label><mixed-citation><name><surname>Bell</surname><given-names>A</given-names></name> (2011) <article-title>On rye?</article-title><source>Mills</source><volume>19</volume>: 1<pub-id>9</pub-id></mixed-citation></ref><ref><element-citation><person-group><name><surname>Bell</surname><given-names>A</given-names></name><name><surname>Okri</surname><given-names>B</given-names></name></person-group><article-title>On oak?</article-title><source>Mills</source><year>2012</year><fpage>3</fpage><lpage>9</lpage></element-citation></ref>';
    const jats = `<?xml version="1.0"?><article dtd-version="1.1"><front><article-meta/></front><body>${body}</body><back><fn-group><fn><label>a</label><p>A note.</p></fn></fn-group><ref-list>${refs}</ref-list></back></article>`;
    expect(await extract(jats)).toMatchObject({
      notes: 'A note.',
      references: 'Bell A (2011) On rye? Mills 19: 1\nBell A, Okri B. On oak? Mills. 2012. 3–9',
    });
  });

  test('a chapter of a book is kept whole', async () => {
    expect(await extract(page('chapter'), {}, { whole: true })).toMatchObject({
      kind: 'epub',
      text: 'I\n\nShort.',
    });
  });
});
