// Macros, comments and the bibliography of LaTeX documents.
import { describe, expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { extractDocument } from '@gristmill/extract';

async function read(preamble: string, body: string): Promise<Record<string, unknown>> {
  const source = `\\documentclass{article}\n${preamble}\n\\begin{document}\n${body}\n\\end{document}`;
  return { ...(await extractDocument({ bytes: Buffer.from(source), mediaType: 'application/x-tex' })) };
}

describe('a macro', () => {
  test.each<[string, string, string]>([
    [
      String.raw`\newcommand{\mill}[1]{the \emph{#1} mill}`,
      String.raw`We saw \mill{old} and \mill x.`,
      'We saw the old mill and the x mill.',
    ],
    [
      String.raw`\newcommand\at[2]{between #1 and #2}`,
      String.raw`It stands \at{the dam}{the meadow}.`,
      'It stands between the dam and the meadow.',
    ],
    [
      String.raw`\newcommand{\greet}[2][dear]{Hello #1 #2}`,
      String.raw`\greet{Ann}, \greet[my]{Bob}.`,
      'Hello dear Ann, Hello my Bob.',
    ],
    [String.raw`\def\two#1#2{#2 #1}`, String.raw`\two{b}{a} \two xy`, 'a b y x'],
    [
      String.raw`\def\be{\begin{equation}}\def\ee{\end{equation}}`,
      String.raw`So \be x=1 \ee holds.`,
      'So\n\n$$x=1$$\n\nholds.',
    ],
    [
      String.raw`\newcommand{\R}{\mathbb{R}}\DeclareMathOperator{\argmin}{arg\,min}`,
      String.raw`Let $x\in\R n$ be $\argmin f$.`,
      String.raw`Let $x\in\mathbb{R} n$ be $\operatorname{arg\,min} f$.`,
    ],
    [
      String.raw`\newcommand{\eps}{\varepsilon}`,
      String.raw`$\eps x$ and $\eps$`,
      String.raw`$\varepsilon x$ and $\varepsilon$`,
    ],
    [
      String.raw`\newcommand{\ie}{i.e.\xspace}`,
      String.raw`That is \ie good, \ie{} fine.`,
      'That is i.e. good, i.e. fine.',
    ],
    [
      String.raw`\NewDocumentCommand{\pair}{O{x} m}{(#1, #2)}`,
      String.raw`\pair{y} \pair[a]{b}`,
      '(x, y) (a, b)',
    ],
    [
      String.raw`\newcommand{\todo}[1]{}\newcommand{\a}{\b{1}}\newcommand{\outer}[1]{\inner{#1}}\newcommand{\inner}[1]{<#1>}`,
      String.raw`Kept. \todo{Gone.} \outer{in}`,
      'Kept. <in>',
    ],
    [
      String.raw`\newcommand{\loop}[1]{\loop{#1}}\newcommand{\grow}{\grow\grow x}`,
      String.raw`Before \loop{a}`,
      'Before a',
    ],
    [
      String.raw`\renewcommand{\section}[1]{lost}\renewcommand{\emph}[1]{#1}`,
      String.raw`\section{Kept} \emph{words}`,
      'Kept\n\nwords',
    ],
    [
      String.raw`\newcommand{\w}{wide}`,
      String.raw`\verb|\w| is \w{}, \begin{verbatim}\w % as is\end{verbatim}`,
      '\\w is wide,\n\n\\w % as is',
    ],
    [
      '',
      '\\newcommand{\\late}[1]{so #1}Now \\late{late}. 5\\% % gone \\late{x}\n  left % \n\nNext% x\nword $a% y\n+b$.',
      'Now so late. 5% left\n\nNextword $a+b$.',
    ],
    ['', String.raw`Kept \iffalse gone \fi words.`, 'Kept words.'],
  ])('%s', async (preamble, body, text) => expect((await read(preamble, body))['text']).toBe(text));

  test('costs no more than the text is long, and none loses a word: 300 seeded documents', async () => {
    const random = createRandom(41);
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
    const parts = [
      '\\a',
      '\\b{',
      '}',
      '[',
      ']',
      '\\newcommand{\\a}[1]{\\b{#1}\\a}',
      '\\def\\b#1{\\a#1\\a}',
      '$',
      '%',
      '\n',
      '\\begin{x}',
      '\\end{x}',
      '#1',
      '\\',
      '\\iffalse',
      '\\fi',
    ];
    for (let round = 0; round < 300; round++) {
      const body = Array.from({ length: 20 }, () => pick(parts)).join(' ');
      const { text } = await read('', `first ${body}`);
      expect(String(text).length).toBeLessThan(200_000);
      expect(String(text)).toContain('first');
    }
  });
});

test('the bibliography stands apart', async () => {
  const entries = String.raw`\begin{thebibliography}{9}\bibitem{a} A. \textsc{Author}, \newblock \emph{Title}, 1999. \bibitem[B(2)]{b} B. Other.\end{thebibliography}`;
  expect(await read('', `Words \\cite{a}.\n${entries}\nAppendix.`)).toMatchObject({
    text: 'Words.\n\nAppendix.',
    references: 'A. Author, Title, 1999.\nB. Other.',
  });
});
