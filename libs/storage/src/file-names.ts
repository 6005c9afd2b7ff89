// Names of files as text. On Linux a name is bytes of any kind: a byte that is no UTF-8 is written `\xE9`, and a name that
// holds such a spelling has its backslash written `\x5C`, so that every name has one text and every text one name.

import { isUtf8 } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const escape = /\\x([0-9A-F]{2})/g;

/**
 * Paths of files and links below a folder, with forward slashes, in no order; links to folders are not followed. Rejects
 * when the folder cannot be read; one below it that cannot gives nothing.
 */
export async function listFiles(root: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (folder: string): Promise<void> => {
    const location = folder === '' ? root : locateFile(root, folder);
    for (const entry of await readdir(location, { withFileTypes: true, encoding: 'buffer' })) {
      const path = folder === '' ? spellName(entry.name) : `${folder}/${spellName(entry.name)}`;
      if (entry.isDirectory()) await walk(path).catch(() => {});
      else if (entry.isFile() || entry.isSymbolicLink()) found.push(path);
    }
  };
  await walk('');
  return found;
}

/** @example spellName(Buffer.from('café', 'latin1')) // 'caf\\xE9' */
export function spellName(name: Buffer): string {
  if (isUtf8(name)) return name.toString().replace(escape, (spelt) => `\\x5C${spelt.slice(1)}`);
  const text = name.toString('latin1').replace(escape, (spelt) => `\\x5C${spelt.slice(1)}`);
  return text.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Where a path that `listFiles` told lies: bytes where its names are not UTF-8. */
export function locateFile(root: string, path: string): string | Buffer {
  if (path.search(escape) < 0) return join(root, path);
  const bytes = path.split(/(\\x[0-9A-F]{2})/).map((part) => {
    const isByte = part.length === 4 && part.search(escape) === 0;
    return isByte ? Buffer.from(part.slice(2), 'hex') : Buffer.from(part);
  });
  return Buffer.concat([Buffer.from(join(root, '/')), ...bytes]);
}
