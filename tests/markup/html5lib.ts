// Reads html5lib-tests' .dat files out of the shared archive (tar.gz), where it is there.
import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const archive = '../shared/data/html5lib-tests/html5lib-tests.tar.gz';
export const haveHtml5lib = existsSync(archive);

/** Files of the archive below `folder`, by name. Reads plain ustar entries, which is all it has. */
export function readArchive(folder: string): Map<string, Uint8Array> {
  const tar = gunzipSync(readFileSync(archive));
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const field = (from: number, length: number) =>
      tar.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = parseInt(field(124, 12), 8) || 0;
    const name = field(0, 100).replace(/^\.\//, '');
    if (name.includes(`${folder}/`) && name.endsWith('.dat'))
      files.set(name, tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

export interface TreeCase {
  readonly data: string;
  readonly document: string;
  readonly isFragment: boolean;
}

/** Cases of a tree-construction file. */
export function readTreeCases(text: string): TreeCase[] {
  return text
    .split(/^#data\n/m)
    .slice(1)
    .map((part) => {
      const data = part.slice(0, part.search(/\n#errors/m));
      const document = /^#document\n([\s\S]*?)(?:\n\n|\n?$(?![\s\S]))/m.exec(part)?.[1] ?? '';
      return {
        data,
        document: part.slice(part.indexOf('#document\n') + 10) || document,
        isFragment: /^#document-fragment/m.test(part),
      };
    });
}

/** The texts of an expected tree with the element around each, in order: `p:text`. Scripts and comments are left out. */
export function expectedTexts(document: string): string[] {
  const path: string[] = [];
  const texts: string[] = [];
  for (const [, indent, body] of document.matchAll(/^\|( +)((?:"[\s\S]*?"$)|.*)$/gm)) {
    const depth = (indent.length - 1) / 2;
    path.length = depth;
    if (body.startsWith('"')) texts.push(`${path[depth - 1] ?? ''}:${body.slice(1, -1)}`);
    else path[depth] = /^<(?:svg |math )?([^\s>]+)/.exec(body)?.[1] ?? '';
  }
  return texts;
}
