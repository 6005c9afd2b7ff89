// Papers as arXiv keeps them: an archive of LaTeX sources is one document for each file that begins one, with `\input`,
// `\include` and the bibliography in their places. Where an archive holds other things, it is an archive like any other.

import { posix } from 'node:path';
import { decodeText } from '@gristmill/text';
import type { ContainedFile } from './containers.ts';
import { ContentError, readAll } from './content.ts';

export interface LatexPaper {
  /** Path of the file that begins it. */
  readonly path: string;
  readonly source: string;
}

const mostFiles = 2000;
const mostTextBytes = 64 * 2 ** 20;
const mostSource = 32 * 2 ** 20;
const deepest = 16;

const sources = /\.(?:tex|ltx|latex|bbl|tikz|pgf|inc)$/i;
/** What lies beside the sources of a paper. */
const companions =
  /\.(?:sty|cls|bst|bib|clo|def|cfg|fd|bbx|cbx|lbx|aux|log|out|toc|blg|ind|idx|gls|nls|eps|e?psf?|epsi|pdf|png|jpe?g|gif|svg|mp4|csv|dat|txt|md|json|yml|gz|pdf_tex|pdf_t|pstex|pstex_t|tex~|xbb|bb|ttf|otf|pfb|map|enc|anc|py|r|m|fig|plt|gp|sh)$|(?:^|\/)(?:00README[^/]*|Makefile|LICENSE|README|latexmkrc|anc\/.*)$/i;
const data = /\.(?:pdf|csv|dat|txt|md|json|yml|gz|py|r|m|sh|mp4)$/i;
const mostOthers = 5;
const begins = /^[^%\n]*\\document(?:class|style)\b/m;

/** Undefined where the files are no paper's; else the papers in them, in the archive's order. Throws ContentError. */
export async function readLatexPapers(
  files: AsyncIterable<ContainedFile>,
): Promise<LatexPaper[] | undefined> {
  const texts = new Map<string, string>();
  let count = 0;
  let others = 0;
  let total = 0;
  for await (const { path, content } of files) {
    if (path.split('/').some((part) => part.startsWith('.') || part === '__MACOSX')) continue;
    const isSource = sources.test(path);
    if (++count > mostFiles || !(isSource || companions.test(path))) return undefined;
    // Data of other kinds may be large: who finds no source among the first files does not look on.
    if (!isSource && texts.size === 0 && data.test(path) && ++others > mostOthers) return undefined;
    if (!isSource || typeof content === 'string') continue;
    const bytes = await readSource(content);
    total += bytes?.length ?? 0;
    if (total > mostTextBytes) return undefined;
    if (bytes) texts.set(path, decodeText(bytes, { markup: 'none' }).text.replace(/\r\n?/g, '\n'));
  }
  return joinPapers(texts);
}

async function readSource(
  content: Exclude<ContainedFile['content'], string>,
): Promise<Uint8Array | undefined> {
  try {
    return await readAll(content, mostTextBytes);
  } catch (error) {
    if (error instanceof ContentError) return undefined;
    throw error;
  }
}

/** A paper for each file with a document class that no other file takes in. */
function joinPapers(texts: ReadonlyMap<string, string>): LatexPaper[] | undefined {
  const roots = [...texts].filter(([path, text]) => !path.endsWith('.bbl') && begins.test(text));
  if (roots.length === 0) return undefined;
  const taken = new Set<string>();
  const papers = roots.map(([path]) => {
    const own = new Set<string>();
    const source = joinSources(path, texts, own);
    own.delete(path);
    for (const other of own) taken.add(other);
    return { path, source };
  });
  const free = papers.filter(({ path }) => !taken.has(path));
  return free.length > 0 ? free : papers;
}

/** The text of a file with the files that it names in their places; what is missing or goes round leaves its command. */
function joinSources(root: string, texts: ReadonlyMap<string, string>, read: Set<string>): string {
  const home = posix.dirname(root);
  let room = mostSource;
  const expand = (path: string, folders: readonly string[], open: readonly string[]): string => {
    read.add(path);
    const text = texts.get(path) ?? '';
    const isInner = open.length > 0;
    const body = isInner ? innerText(text) : text;
    return body.replace(commands, (whole: string, ...groups: (string | undefined)[]) => {
      const [comment, folder, inFolder, braced, bare, bibliography] = groups;
      if (comment !== undefined) return whole;
      const names =
        bibliography === undefined
          ? [posix.join(folder ?? '', (inFolder ?? braced ?? bare ?? '').trim().replace(/^"|"$/g, ''))]
          : [path.replace(/\.\w+$/, '.bbl'), root.replace(/\.\w+$/, '.bbl'), ...onlyBibliography(texts)];
      const places = folder === undefined ? folders : [posix.dirname(path), ...folders];
      const found = findSource(names, places, texts);
      if (found === undefined || open.includes(found) || found === path || open.length >= deepest)
        return whole;
      const inner = expand(found, folder === undefined ? folders : [posix.dirname(found), ...folders], [
        ...open,
        path,
      ]);
      room -= inner.length;
      if (room < 0) throw new ContentError('too-large', 'LaTeX sources');
      return inner;
    });
  };
  return expand(root, [home, '.'], []);
}

/** A comment, or a command that takes a file in. */
const commands =
  /((?:^|[^\\\n])(?:\\\\)*%[^\n]*)|\\(?:sub)?(?:import|inputfrom|includefrom)\*?\s*\{([^{}\n]*)\}\s*\{([^{}\n]*)\}|\\(?:input|include|subfile|subfileinclude)\s*\{([^{}\n]*)\}|\\input\s+([^\s{}\\%]+)|\\(bibliography|printbibliography)(?![A-Za-z])(?:\s*\[[^\]\n]*\])?(?:\{[^{}]*\})?/gm;

/** Of a file that could be a document of its own (`subfiles`), what is between its begin and end. */
function innerText(text: string): string {
  const ended = text.replace(/^[^%\n]*\\endinput\b[\s\S]*$/m, '');
  const begin = /\\begin\{document\}/.exec(ended);
  if (!begin) return ended;
  const rest = ended.slice(begin.index + begin[0].length);
  const end = rest.lastIndexOf('\\end{document}');
  return end < 0 ? rest : rest.slice(0, end);
}

function onlyBibliography(texts: ReadonlyMap<string, string>): string[] {
  const found = [...texts.keys()].filter((path) => path.toLowerCase().endsWith('.bbl'));
  return found.length === 1 ? found : [];
}

function findSource(
  names: readonly string[],
  folders: readonly string[],
  texts: ReadonlyMap<string, string>,
): string | undefined {
  for (const name of names)
    for (const folder of folders)
      for (const ending of ['', '.tex', '.ltx']) {
        const path = posix.join(folder, `${name}${ending}`).replace(/^(?:\.\.?\/)+/, '');
        const found = texts.has(path)
          ? path
          : [...texts.keys()].find((key) => key.toLowerCase() === path.toLowerCase());
        if (found !== undefined) return found;
      }
  return undefined;
}
