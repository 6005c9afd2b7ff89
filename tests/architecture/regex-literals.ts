// Finds every regular expression literal in a source file, and attacks one with its worst inputs.
import { readFileSync } from 'node:fs';
import ts from 'typescript';

export interface Literal {
  readonly file: string;
  readonly line: number;
  readonly regex: RegExp;
}

export function regexLiterals(file: string): Literal[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Literal[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push({ file, line, regex: new RegExp(node.text.slice(1, end), node.text.slice(end + 1)) });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

// Exponential time shows at 28 characters, cubic at 2,000, quadratic at 128,000, before a million would hang.
const sizes = [20, 28, 200, 2000, 16_000, 48_000, 128_000, 1_000_000];
const mostSeconds = 2;

/** The input, as text, on which the expression takes more than two CPU seconds; undefined when there is none. */
export function worstInput(regex: RegExp): string | undefined {
  for (const piece of hostilePieces(regex)) {
    for (const end of ['', '\u0001', '!']) {
      const problem = attack(regex, piece, end);
      if (problem !== undefined) return problem;
    }
  }
  return undefined;
}

function attack(regex: RegExp, piece: string, end: string): string | undefined {
  for (const size of sizes) {
    const text = piece.repeat(Math.ceil(size / piece.length)) + end;
    const start = process.cpuUsage();
    regex.lastIndex = 0;
    if (regex.global) text.match(regex);
    else regex.exec(text);
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    // A step that takes this long at this size will not end at a million.
    if (seconds > (mostSeconds * size) / 1_000_000 + 0.4) {
      return `${JSON.stringify(piece)} × ${size} + ${JSON.stringify(end)}: ${seconds.toFixed(1)} s`;
    }
  }
  return undefined;
}

/** Repetitions that starve a backtracking matcher: the expression's own characters and words, alone and in pairs. */
function hostilePieces(regex: RegExp): string[] {
  const plain = regex.source.replace(
    /\\u\{?[0-9a-fA-F]+\}?|\\[pP]\{[^}]*\}|\\[a-zA-Z]|[()[\]{}|?*+^$\\]/g,
    ' ',
  );
  const words = [...new Set(plain.split(' ').filter((word) => word.length > 0))];
  const characters = [...new Set(words.join(''))].slice(0, 12);
  const always = ['a', 'A', '0', ' ', '\n', '\t', '.', '-', 'é', 'a ', 'a.', '0.', 'a-', '\n ', 'aA0', ' \n'];
  const pairs = characters.slice(0, 5).map((character) => `${character}a`);
  return [...new Set([...always, ...characters, ...pairs, ...words.slice(0, 6)])];
}
