// What LaTeX's commands and environments mean for plain text: tables, filled from the LaTeX manual and common packages.

const set = (names: string) => new Set(names.split(' '));

/** Commands that go together with all their arguments. */
export const droppedCommands = set(
  'label ref eqref pageref autoref cref Cref nameref cite citep citet citealp citealt citeauthor citeyear citeyearpar Cite parencite textcite footcite autocite nocite ' +
    'input include includegraphics includeonly bibliography bibliographystyle addbibresource printbibliography usepackage RequirePackage documentclass documentstyle vspace hspace vskip hskip ' +
    'setlength addtolength setcounter addtocounter stepcounter newcommand renewcommand providecommand newenvironment renewenvironment newtheorem def let DeclareMathOperator ' +
    'pagestyle thispagestyle pagenumbering index glossary hypersetup graphicspath color definecolor rule date thanks address email affiliation institute keywords ' +
    'markboth markright bibitem addcontentsline tableofcontents listoffigures listoftables maketitle hline cline toprule midrule bottomrule cmidrule multirow ' +
    'linespread geometry fancyhead fancyfoot lhead rhead cfoot theoremstyle numberwithin allowdisplaybreaks noindent centering raggedright newpage clearpage FloatBarrier phantom vphantom hphantom titlerunning authorrunning subjclass pacs preprint',
);

/** Commands whose first argument is not text but whose later ones are. */
export const firstArgumentDropped = set(
  'href textcolor colorbox parbox raisebox resizebox scalebox rotatebox multicolumn fontsize',
);

export const sectionLevels: Readonly<Record<string, number | undefined>> = {
  part: 1,
  chapter: 1,
  section: 2,
  subsection: 3,
  subsubsection: 4,
  paragraph: 5,
  subparagraph: 6,
};

export const verbatimEnvironments = set('verbatim verbatim* Verbatim lstlisting minted alltt BVerbatim');
export const mathEnvironments = set(
  'equation equation* align align* alignat alignat* gather gather* multline multline* eqnarray eqnarray* displaymath math flalign flalign* dmath dmath* subequations',
);
export const droppedEnvironments = set(
  'comment tikzpicture pgfpicture picture filecontents filecontents* CCSXML titlepage keywords IEEEkeywords pspicture algorithmic',
);
export const tabularEnvironments = set('tabular tabular* tabularx longtable array tabulary supertabular');
export const quoteEnvironments = set('quote quotation verse');
export const listEnvironments = set('itemize enumerate description compactitem compactenum');

/** Commands that are characters. */
export const symbols: Readonly<Record<string, string | undefined>> = {
  '%': '%',
  '&': '&',
  '#': '#',
  $: '$',
  _: '_',
  '{': '{',
  '}': '}',
  ' ': ' ',
  ',': ' ',
  ';': ' ',
  ':': ' ',
  '!': '',
  '/': '',
  '-': '',
  '@': '',
  '*': '',
  '\\': '\n',
  ldots: '…',
  dots: '…',
  textellipsis: '…',
  ss: 'ß',
  o: 'ø',
  O: 'Ø',
  l: 'ł',
  L: 'Ł',
  ae: 'æ',
  AE: 'Æ',
  oe: 'œ',
  OE: 'Œ',
  aa: 'å',
  AA: 'Å',
  i: 'ı',
  j: 'ȷ',
  S: '§',
  P: '¶',
  copyright: '©',
  pounds: '£',
  dag: '†',
  ddag: '‡',
  LaTeX: 'LaTeX',
  TeX: 'TeX',
  LaTeXe: 'LaTeX2e',
  BibTeX: 'BibTeX',
  textbackslash: '\\',
  textasciitilde: '~',
  textasciicircum: '^',
  textless: '<',
  textgreater: '>',
  textbar: '|',
  textbullet: '•',
  textendash: '–',
  textemdash: '—',
  textquoteleft: '‘',
  textquoteright: '’',
  textquotedblleft: '“',
  textquotedblright: '”',
  textdegree: '°',
  textregistered: '®',
  texttrademark: '™',
  euro: '€',
  texteuro: '€',
  quad: ' ',
  qquad: ' ',
  newline: '\n',
  linebreak: '\n',
  par: '\n\n',
  and: ', ',
  th: 'þ',
  TH: 'Þ',
  dh: 'ð',
  DH: 'Ð',
  guillemotleft: '«',
  guillemotright: '»',
  glqq: '„',
  grqq: '“',
  flqq: '«',
  frqq: '»',
  slash: '/',
};

/** Accent commands and the combining character that they put on a letter. */
export const accents: Readonly<Record<string, string | undefined>> = {
  "'": '\u0301',
  '`': '\u0300',
  '^': '\u0302',
  '"': '\u0308',
  '~': '\u0303',
  '=': '\u0304',
  '.': '\u0307',
  u: '\u0306',
  v: '\u030c',
  H: '\u030b',
  c: '\u0327',
  k: '\u0328',
  r: '\u030a',
  d: '\u0323',
  b: '\u0331',
};

/** Commands that mean the same in every document, whatever it does to them. */
export const ownCommands: ReadonlySet<string> = new Set([
  ...Object.keys(symbols),
  ...Object.keys(accents),
  ...Object.keys(sectionLevels),
  ...droppedCommands,
  ...firstArgumentDropped,
  ...'begin end item caption footnote title author verb lstinline'.split(' '),
]);
