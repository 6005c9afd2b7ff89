// Files that no tool of ours wrote, and the program as people call it.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const program = fileURLToPath(new URL('../../apps/cli/bin/gristmill.mjs', import.meta.url));

export type Files = Readonly<Record<string, string | Uint8Array>>;

export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

export const animals = ['owl', 'badger', 'heron', 'otter', 'stoat', 'raven', 'marten', 'newt'];
export const prose = (animal: string) =>
  `The ${animal} lives near the old mill. In the evening the ${animal} comes down to the water and waits there for a while, ` +
  `and those who work late at the ${animal} bridge have seen it more than once, they say, in every season of the year.`;

/** Eight pages, two notes, eight reviews; a picture, a style sheet, settings and a hidden file. */
export function mixedFiles(): Files {
  const page = (animal: string) =>
    `<!doctype html><html><head><title>${animal}</title></head><body><main><h1>${animal}</h1><p>${prose(animal)}</p></main></body></html>`;
  const reviews = animals.map((animal, i) =>
    JSON.stringify({
      sku: `sku-${i}`,
      review_body: `I like the ${animal} of the mill very much.`,
      stars: i % 5,
      link: `https://a.example/${i}`,
    }),
  );
  return {
    ...Object.fromEntries(animals.map((animal) => [`site/${animal}.html`, page(animal)])),
    'site/style.css': 'body { color: red }',
    'site/logo.png': Buffer.from('89504e470d0a1a0a0000000d', 'hex'),
    'notes/first.md': `# Notes\n\n${prose('weasel')}\n`,
    'notes/README': prose('beaver'),
    'export/reviews.jsonl.gz': gzipSync(`${reviews.join('\n')}\n`),
    'export/state.json': '{"version": 3, "files": ["reviews.jsonl"]}',
    '.hidden/secret.txt': 'not for anybody',
  };
}

export function gristmill(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  return new Promise((done) => {
    execFile(process.execPath, [program, ...args], { cwd }, (error, out, err) =>
      done({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}
