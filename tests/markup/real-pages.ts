// Pages of ../shared/data, unpacked for one test: two sites and the pages of 446 articles.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const data = '../shared/data';
const archives = [
  'site-apache-manual/site.tar.gz',
  'site-sqlite-doc/site.tar.gz',
  'article-pages/pages.tar.xz',
];
export const havePages = archives.every((name) => existsSync(join(data, name)));

/** In a fixed order, read as UTF-8. */
export function realPages(): string[] {
  return archives.flatMap((name) => {
    const folder = mkdtempSync(join(tmpdir(), 'gristmill-pages-'));
    try {
      execFileSync('tar', ['xf', join(data, name), '-C', folder]);
      const names = readdirSync(folder, { recursive: true }).map(String);
      return names
        .filter((path) => path.endsWith('.html'))
        .sort()
        .map((path) => readFileSync(join(folder, path), 'utf8'));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}
