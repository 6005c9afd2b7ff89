// Finds every regular expression of a source file, literals and those that it builds when it is loaded, and attacks one
// with its worst input.
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

/** The expressions that modules of `folder` build with `new RegExp` while `load` runs; none of other packages. */
export async function builtExpressions(folder: string, load: () => Promise<unknown>): Promise<RegExp[]> {
  const built: RegExp[] = [];
  const original = globalThis.RegExp;
  globalThis.RegExp = new Proxy(original, {
    construct(target, args: ConstructorParameters<RegExpConstructor>) {
      const regex = Reflect.construct(target, args) as RegExp;
      if (new Error().stack?.split('\n')[2]?.includes(folder)) built.push(regex);
      return regex;
    },
  });
  try {
    await load();
  } finally {
    globalThis.RegExp = original;
  }
  return built;
}

// Exponential time shows at 28 characters, cubic at 2,000, quadratic at 48,000; then the worst of all gets its million.
const sizes = [20, 24, 26, 28, 200, 2000, 16_000, 24_000, 48_000];
const fullSize = 1_000_000;
const mostSeconds = 2;

/** The input, as text, on which the expression takes more than two CPU seconds a million characters; undefined when there is none. */
export function worstInput(regex: RegExp): string | undefined {
  if (!canRepeat(regex)) return undefined;
  let worst = { seconds: -1, piece: '', end: '' };
  for (const piece of hostilePieces(regex)) {
    for (const end of ['', '\u0001', '!']) {
      let seconds = 0;
      for (const size of sizes) {
        seconds = secondsOf(regex, piece, size, end);
        if (seconds > limitOf(size)) return describe(piece, size, end, seconds);
      }
      if (seconds > worst.seconds) worst = { seconds, piece, end };
    }
  }
  const seconds = secondsOf(regex, worst.piece, fullSize, worst.end);
  return seconds > limitOf(fullSize) ? describe(worst.piece, fullSize, worst.end, seconds) : undefined;
}

/** Without a repetition of unlimited length a match looks at a limited number of characters. */
function canRepeat({ source }: RegExp): boolean {
  return /[*+]|\{\d+,\}|\{\d+,\d+\}.*\{\d+,\d+\}/.test(
    source.replace(/\\./g, '_').replace(/\[[^\]]*\]/g, '_'),
  );
}

/** A step that takes this long at this size will not end at a million. */
const limitOf = (size: number): number => (mostSeconds * size) / fullSize + 0.4;

function secondsOf(regex: RegExp, piece: string, size: number, end: string): number {
  const text = piece.repeat(Math.ceil(size / piece.length)) + end;
  const start = process.cpuUsage();
  regex.lastIndex = 0;
  if (regex.global) text.match(regex);
  else regex.exec(text);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function describe(piece: string, size: number, end: string, seconds: number): string {
  return `${JSON.stringify(piece)} × ${size} + ${JSON.stringify(end)}: ${seconds.toFixed(1)} s`;
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
