// Macros that a LaTeX document defines, expanded in its source, in text and formulas alike: definitions go, uses become
// what they stand for, with their arguments. A prefix of TeX's own rules: no delimited parameters, no conditions but
// `\iffalse`. Work and output are bounded, whatever expands to itself.

import { isLetter, LatexScanner } from './latex-scanner.ts';
import { ownCommands, verbatimEnvironments } from './latex-tables.ts';

interface Macro {
  readonly parameters: number;
  /** Of the first parameter, when it may be left out. */
  readonly otherwise?: string;
  readonly body: string;
}

const longestBody = 5000;
const mostMacros = 2000;
const mostExpansions = 50_000;
const deepest = 20;

const definitions = new Set(
  'newcommand renewcommand providecommand DeclareRobustCommand def gdef edef xdef newrobustcmd NewDocumentCommand RenewDocumentCommand ProvideDocumentCommand DeclareDocumentCommand DeclareMathOperator'.split(
    ' ',
  ),
);

/** The source without definitions, and with what they define in its place. */
export function expandMacros(source: string): string {
  return /\\(?:(?:re)?newcommand|providecommand|[gex]?def|newrobustcmd|Declare|(?:New|Renew|Provide)Document|iffalse)/.test(
    source,
  )
    ? new Expander(source.length).expand(source, 0)
    : source;
}

class Expander {
  private readonly macros = new Map<string, Macro>();
  private expansions = 0;
  /** Characters that may still be written. */
  private room: number;

  constructor(length: number) {
    this.room = 4 * length + 200_000;
  }

  expand(source: string, depth: number): string {
    const scanner = new LatexScanner(source);
    const pieces: string[] = [];
    let copied = 0;
    const copy = (to: number): void => {
      pieces.push(source.slice(copied, to));
      this.room -= to - copied;
    };
    while (!scanner.done) {
      const at = nextCommand(source, scanner.at);
      if (at >= source.length) break;
      scanner.at = at;
      if (source.charAt(at) === '%') {
        scanner.until('\n');
        continue;
      }
      const name = scanner.command();
      const written = this.replace(name, scanner, depth);
      if (written === undefined) continue;
      copy(at);
      pieces.push(written);
      copied = scanner.at;
    }
    copy(source.length);
    return pieces.join('');
  }

  /** What a command becomes; undefined for one that stays, with the scanner behind what is not read. */
  private replace(name: string, scanner: LatexScanner, depth: number): string | undefined {
    if (name === 'iffalse') return skipFalse(scanner);
    if (name === 'verb' || name === 'lstinline') return skipVerb(scanner);
    if (name === 'begin') return skipVerbatim(scanner);
    if (definitions.has(name)) return this.define(name, scanner) ? '' : undefined;
    const macro = this.macros.get(name);
    if (!macro || depth >= deepest || this.expansions++ >= mostExpansions || this.room < 0) return undefined;
    const body = fill(macro, scanner);
    this.room -= body.length;
    const written = this.expand(body, depth + 1).replace(/\\xspace(?![A-Za-z])/g, '');
    const needsBlank = /\\[A-Za-z]+$/.test(written) && isLetter(scanner.source.charCodeAt(scanner.at));
    const isWord = /\\xspace\s*$/.test(body) && isLetter(scanner.source.charCodeAt(scanner.at));
    return needsBlank || isWord ? `${written} ` : written;
  }

  private define(command: string, scanner: LatexScanner): boolean {
    const from = scanner.at;
    const name = readName(scanner);
    const macro = name === undefined ? undefined : readMacro(command, scanner);
    if (name === undefined || !macro) {
      scanner.at = from;
      return false;
    }
    const { body } = macro;
    const isOurs = !ownCommands.has(name) && !definitions.has(name);
    if (isOurs && body.length <= longestBody && this.macros.size < mostMacros) this.macros.set(name, macro);
    return true;
  }
}

const commandStart = /[\\%]/g;

function nextCommand(source: string, from: number): number {
  commandStart.lastIndex = from;
  return commandStart.exec(source)?.index ?? source.length;
}

/** `\name` or `{\name}` of a definition; names of one sign are left alone. */
function readName(scanner: LatexScanner): string | undefined {
  const group = scanner.argument();
  const inner = group === undefined ? scanner : new LatexScanner(group.trim());
  if (inner.source.charAt(inner.at) !== '\\' || !isNameStart(inner.source.charCodeAt(inner.at + 1)))
    return undefined;
  return inner.command();
}

const isNameStart = (code: number): boolean => isLetter(code) || code === 0x40;

function readMacro(command: string, scanner: LatexScanner): Macro | undefined {
  if (command.endsWith('def')) return readDef(scanner);
  if (command === 'DeclareMathOperator') {
    const body = scanner.argument();
    return body === undefined ? undefined : { parameters: 0, body: `\\operatorname{${body}}` };
  }
  if (command.endsWith('DocumentCommand')) {
    const letters = scanner.argument() ?? '';
    const body = scanner.argument();
    const optional = /^\s*[oO]\s*(?:\{([^{}]*)\})?/.exec(letters);
    const parameters = (letters.replace(/\{[^{}]*\}/g, '').match(/[moO]/g) ?? []).length;
    return body === undefined
      ? undefined
      : { parameters, body, ...(optional && { otherwise: optional[1] ?? '' }) };
  }
  const count = scanner.option();
  const otherwise = scanner.option();
  const body = scanner.argument();
  if (body === undefined) return undefined;
  return {
    parameters: Math.min(9, Number(count ?? 0) || 0),
    body,
    ...(otherwise !== undefined && { otherwise }),
  };
}

/** `\def\name#1#2{…}`; one whose parameters end at some sign is passed by. */
function readDef(scanner: LatexScanner): Macro | undefined {
  const brace = scanner.source.indexOf('{', scanner.at);
  if (brace < 0 || brace - scanner.at > 100) return undefined;
  const pattern = scanner.source.slice(scanner.at, brace).trim();
  scanner.at = brace;
  const body = scanner.argument();
  if (body === undefined || !/^(?:#[1-9])*$/.test(pattern))
    return body === undefined ? undefined : { parameters: 0, body };
  return { parameters: pattern.length / 2, body };
}

/** A macro's body with the arguments that follow its use. */
function fill({ parameters, otherwise, body }: Macro, scanner: LatexScanner): string {
  const given: string[] = [];
  if (parameters > 0 && otherwise !== undefined) given.push(scanner.option() ?? otherwise);
  while (given.length < parameters) given.push(scanner.argument() ?? scanner.token());
  // `\foo{}` ends a name, and is no argument.
  if (parameters === 0 && scanner.source.startsWith('{}', scanner.at)) scanner.at += 2;
  return parameters === 0 ? body : body.replace(/#([1-9])/g, (_, at: string) => given[Number(at) - 1] ?? '');
}

function skipFalse(scanner: LatexScanner): string {
  const next = /\\(?:else|fi)(?![A-Za-z])/g;
  next.lastIndex = scanner.at;
  const found = next.exec(scanner.source);
  if (found) scanner.at = found.index + found[0].length;
  return '';
}

function skipVerb(scanner: LatexScanner): undefined {
  const mark = scanner.source.charAt(scanner.at++);
  if (mark !== '') scanner.until(mark);
}

function skipVerbatim(scanner: LatexScanner): undefined {
  const name = scanner.argument() ?? '';
  if (verbatimEnvironments.has(name)) scanner.until(`\\end{${name}}`);
}

const commentOrVerbatim =
  /\\begin\{(verbatim\*?|Verbatim|lstlisting|minted|alltt|comment)\}|\\verb\*?([^A-Za-z\s*])|\\[^A-Za-z]|(?:^[ \t]*)?%[^\n]*(?:\n[ \t]*)?/gm;

/** The source without comments, as TeX reads it: a line's end behind one is no blank. Verbatim text keeps its signs. */
export function dropComments(source: string): string {
  if (!source.includes('%')) return source;
  const pieces: string[] = [];
  let copied = 0;
  commentOrVerbatim.lastIndex = 0;
  for (let match = commentOrVerbatim.exec(source); match !== null; match = commentOrVerbatim.exec(source)) {
    const [found, environment, mark] = match;
    const after = match.index + found.length;
    if (environment !== undefined || mark !== undefined) {
      const end = source.indexOf(environment === undefined ? mark : `\\end{${environment}}`, after);
      commentOrVerbatim.lastIndex = end < 0 ? source.length : end;
      if (mark !== undefined && end >= 0) commentOrVerbatim.lastIndex = end + 1;
    } else if (!found.startsWith('\\')) {
      pieces.push(source.slice(copied, match.index));
      copied = after;
      // A blank line behind a comment ends the paragraph all the same.
      if (found.includes('\n') && source.charAt(after) === '\n') pieces.push('\n');
    }
    if (commentOrVerbatim.lastIndex >= source.length) break;
  }
  pieces.push(source.slice(copied));
  return pieces.join('');
}
