// LaTeX as text: what a reader of the typeset page reads, formulas kept as source. Commands are looked up in tables;
// unknown ones vanish and their arguments stay. Macros are expanded beforehand; nothing else is executed.

import { collapseSpace } from '@gristmill/markup';
import { createWriter, type DocumentWriter } from './document-writer.ts';
import type { ExtractedText } from './extract-document.ts';
import { dropComments, expandMacros } from './latex-macros.ts';
import { isLetter, LatexScanner } from './latex-scanner.ts';
import {
  accents,
  droppedCommands,
  droppedEnvironments,
  firstArgumentDropped,
  listEnvironments,
  mathEnvironments,
  quoteEnvironments,
  sectionLevels,
  symbols,
  tabularEnvironments,
  verbatimEnvironments,
} from './latex-tables.ts';
import type { TextFormat } from './render.ts';

const deepest = 12;

/** Reads a LaTeX document or a part of one; the bibliography stands apart. */
export function extractLatex(source: string, format: TextFormat = 'text'): ExtractedText {
  const { text, entries } = cutBibliography(expandMacros(dropComments(source.replace(/\r\n?/g, '\n'))));
  const begin = text.indexOf('\\begin{document}');
  const preamble = begin < 0 ? '' : text.slice(0, begin);
  const writer = createWriter(format);
  const plain = (command: string) =>
    plainArgument(preamble, command) ?? plainArgument(text.slice(0, 200_000), command);
  const title = plain('title');
  if (title !== undefined) writer.heading(1, title);
  new LatexReader(begin < 0 ? text : text.slice(begin + 16), writer, 0).read();
  const author = plain('author')
    ?.split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
    .join('; ');
  const references = entries.map((entry) => collapseSpace(inline(entry, 1)).trim()).filter(Boolean);
  return {
    text: writer.finish(),
    title,
    author,
    ...(references.length > 0 && { references: references.join('\n') }),
  };
}

/** What stands in `thebibliography`, entry by entry. */
function cutBibliography(source: string): { text: string; entries: string[] } {
  const [before, ...rest] = source.split('\\begin{thebibliography}');
  const entries: string[] = [];
  let text = before;
  for (const part of rest) {
    const end = part.indexOf('\\end{thebibliography}');
    const inside = end < 0 ? part : part.slice(0, end);
    for (const entry of inside.split(/\\bibitem(?![A-Za-z])/).slice(1)) {
      const scanner = new LatexScanner(entry);
      scanner.option();
      scanner.argument();
      entries.push(entry.slice(scanner.at).replace(/\\newblock(?![A-Za-z])/g, ' '));
    }
    text += `\n\n${end < 0 ? '' : part.slice(end + '\\end{thebibliography}'.length)}`;
  }
  return { text, entries };
}

function plainArgument(source: string, command: string): string | undefined {
  const at = source.indexOf(`\\${command}{`);
  const bracket = at < 0 ? source.indexOf(`\\${command}[`) : at;
  if (bracket < 0) return undefined;
  const scanner = new LatexScanner(source);
  scanner.at = bracket + command.length + 1;
  scanner.option();
  const text = collapseSpace(inline(scanner.argument() ?? '', 1)).trim();
  return text === '' ? undefined : text;
}

/** Text of an argument, without paragraphs. */
function inline(source: string, depth: number): string {
  if (depth > deepest) return source.replace(/\\[A-Za-z]+|[{}]/g, '');
  const collected: string[] = [];
  const collect = (text: string) => void collected.push(text);
  const writer = {
    heading: (_: number, text: string) => collect(text),
    paragraph: collect,
    item: collect,
    row: (cells: readonly string[]) => collect(cells.join(' ')),
    code: collect,
    quote: collect,
    finish: () => '',
  };
  new LatexReader(source, writer, depth).read();
  return collected.join(' ');
}

class LatexReader {
  private readonly scanner: LatexScanner;
  private readonly writer: DocumentWriter;
  private readonly depth: number;
  private text = '';
  private readonly environments: string[] = [];
  private itemNumber = 0;
  private inItem = false;

  constructor(source: string, writer: DocumentWriter, depth: number) {
    this.scanner = new LatexScanner(source);
    this.writer = writer;
    this.depth = depth;
  }

  read(): void {
    const { scanner } = this;
    while (!scanner.done) {
      const from = scanner.at;
      const next = nextSpecial(scanner.source, from);
      const piece = scanner.source.slice(from, next);
      this.text += isCitation(scanner.source, next) ? piece.trimEnd() : piece;
      scanner.at = next;
      if (next < scanner.source.length) this.special(scanner.source.charAt(next));
    }
    this.flush();
  }

  private special(char: string): void {
    const { scanner } = this;
    if (char === '\\') return this.command();
    scanner.at++;
    if (char === '%') this.comment();
    else if (char === '{' || char === '}') return;
    else if (char === '$') this.math();
    else if (char === '~') this.text += isCitation(scanner.source, scanner.at) ? '' : ' ';
    else if (char === '\n' && /^[ \t]*\n/.test(scanner.source.slice(scanner.at, scanner.at + 200)))
      this.flush();
    else if (char === '\n') this.text += ' ';
    else if (char === '`' || char === "'" || char === '-') this.ligature(char);
  }

  private comment(): void {
    const { scanner } = this;
    scanner.until('\n');
    while (/[ \t]/.test(scanner.source.charAt(scanner.at))) scanner.at++;
  }

  private math(): void {
    const { scanner } = this;
    const mark = scanner.source.charAt(scanner.at) === '$' ? '$$' : '$';
    if (mark === '$$') scanner.at++;
    this.text += `${mark}${scanner.until(mark)}${mark}`;
  }

  private ligature(char: string): void {
    const { scanner } = this;
    const next = scanner.source.slice(scanner.at, scanner.at + 2);
    const double = next.charAt(0) === char;
    if (char === '-') {
      const length = double ? (next === '--' ? 2 : 1) : 0;
      this.text += ['-', '–', '—'][length];
      scanner.at += length;
      return;
    }
    this.text += char === '`' ? (double ? '“' : '‘') : double ? '”' : '’';
    if (double) scanner.at++;
  }

  private command(): void {
    const { scanner } = this;
    const name = scanner.command();
    const symbol = symbols[name];
    if (accents[name] !== undefined) this.accent(accents[name]);
    else if (symbol !== undefined) this.symbol(name, symbol);
    else if (name === 'begin' || name === 'end') this.environment(name, scanner.argument() ?? '');
    else if (name === '(' || name === '[') this.text += `$${scanner.until(name === '(' ? '\\)' : '\\]')}$`;
    else if (sectionLevels[name] !== undefined) this.section(sectionLevels[name]);
    else if (name === 'verb' || name === 'lstinline') this.verb();
    else if (!this.structure(name)) this.unknown(name);
  }

  private symbol(name: string, symbol: string): void {
    const { scanner } = this;
    if (name === '\\') scanner.option();
    if (symbol === '\n\n') this.flush();
    else this.text += symbol;
    // A command of letters swallows the blank after it.
    if (isLetter(name.charCodeAt(0)) && scanner.source.startsWith('{}', scanner.at)) scanner.at += 2;
    else if (
      isLetter(name.charCodeAt(0)) &&
      symbol.trim() !== '' &&
      scanner.source.charAt(scanner.at) === ' '
    )
      scanner.at++;
  }

  private accent(mark: string): void {
    const { scanner } = this;
    const argument = scanner.argument();
    let letter = argument ?? scanner.source.charAt(scanner.at);
    if (argument === undefined) scanner.at++;
    if (argument === undefined && letter === '\\') {
      scanner.at--;
      letter = symbols[scanner.command()] ?? '';
    }
    const base = letter.replace(/^\\/, '').replace('ı', 'i').replace('ȷ', 'j');
    this.text += (base.charAt(0) + mark).normalize('NFC') + base.slice(1);
  }

  private verb(): void {
    const { scanner } = this;
    const mark = scanner.source.charAt(scanner.at++);
    this.text += scanner.until(mark === '' ? '\n' : mark);
  }

  private section(level: number): void {
    const { scanner } = this;
    scanner.option();
    const title = inline(scanner.argument() ?? '', this.depth + 1);
    this.flush();
    this.writer.heading(level, title);
  }

  /** Commands with a meaning of their own; false for all others. */
  private structure(name: string): boolean {
    const { scanner } = this;
    if (name === 'item') this.item();
    else if (name === 'caption' || name === 'footnote') {
      scanner.option();
      const text = inline(scanner.argument() ?? '', this.depth + 1);
      if (name === 'footnote') this.text += ` (${text.trim()})`;
      else {
        this.flush();
        this.writer.paragraph(collapseSpace(text));
      }
    } else if (name === 'title' || name === 'author' || droppedCommands.has(name)) this.drop(name);
    else if (firstArgumentDropped.has(name)) {
      scanner.option();
      scanner.argument();
    } else return false;
    return true;
  }

  private drop(name: string): void {
    const { scanner } = this;
    if (name === 'def' || name === 'let')
      scanner.until(scanner.source.indexOf('{', scanner.at) < 0 ? '\n' : '{');
    if (name === 'def') {
      scanner.at--;
      scanner.argument();
    } else scanner.skipArguments();
  }

  private unknown(name: string): void {
    const { scanner } = this;
    // Options of an unknown command are settings, its arguments may be text.
    if (scanner.source.charAt(scanner.at) === '[') scanner.option();
    else if (isLetter(name.charCodeAt(0)) && scanner.source.charAt(scanner.at) === ' ') scanner.at++;
  }

  private environment(kind: string, name: string): void {
    const { scanner } = this;
    if (kind === 'end') {
      this.flush();
      if (name === 'document') scanner.at = scanner.source.length;
      if (this.environments[this.environments.length - 1] === name) this.environments.pop();
      return;
    }
    this.flush();
    if (verbatimEnvironments.has(name)) {
      scanner.option();
      this.writer.code(scanner.until(`\\end{${name}}`).replace(/^\n/, ''));
    } else if (mathEnvironments.has(name)) {
      const formula = scanner.until(`\\end{${name}}`).replace(/\\(?:label|tag)\{[^{}]{0,200}\}/g, '');
      this.writer.paragraph(`$$${collapseSpace(formula).trim()}$$`);
    } else if (droppedEnvironments.has(name)) scanner.until(`\\end{${name}}`);
    else if (tabularEnvironments.has(name)) this.table(name);
    else this.open(name);
  }

  private open(name: string): void {
    const { scanner } = this;
    if (this.environments.length < 1000) this.environments.push(name);
    scanner.option();
    this.itemNumber = 0;
    if (name === 'abstract') this.writer.heading(2, 'Abstract');
  }

  private table(name: string): void {
    const { scanner } = this;
    scanner.skipArguments();
    const rows = scanner.until(`\\end{${name}}`).split(/\\\\(?:\[[^\]]{0,20}\])?|\\tabularnewline/);
    for (const row of rows) {
      this.writer.row(row.split(/(?<!\\)&/).map((cell) => inline(cell, this.depth + 1)));
    }
  }

  private item(): void {
    this.flush();
    const label = this.scanner.option();
    this.inItem = true;
    this.itemNumber++;
    if (label !== undefined) this.text = `${inline(label, this.depth + 1)} `;
  }

  private flush(): void {
    const text = collapseSpace(this.text.replace(/\n{2,}/g, '\n')).trim();
    this.text = '';
    const environment = this.environments[this.environments.length - 1] ?? '';
    if (text === '') return;
    if (this.inItem && listEnvironments.has(environment))
      this.writer.item(text, environment === 'enumerate' ? `${this.itemNumber}.` : '-');
    else if (quoteEnvironments.has(environment)) this.writer.quote(text);
    else this.writer.paragraph(text);
    this.inItem = false;
  }
}

const citation = /\\(?:[cC]ite|parencite|textcite|footcite|autocite|nocite)/y;

/** True when a citation stands there: the blank before it goes with it. */
function isCitation(source: string, at: number): boolean {
  citation.lastIndex = at;
  return citation.test(source);
}

const specials = /[\\%$~\n{}`'-]/g;

function nextSpecial(source: string, from: number): number {
  specials.lastIndex = from;
  return specials.exec(source)?.index ?? source.length;
}
