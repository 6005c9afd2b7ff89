// Files beyond 512 MiB, which no importer may hold: each is imported item by item in a process of its own, whose memory is
// looked at.
import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const lines = 45_000;
const bytes = 540 * 2 ** 20;

const kinds = {
  'long.jsonl': {
    before: '',
    line: (text: string, i: number) => JSON.stringify({ id: `i${i}`, text }),
    after: '',
  },
  'long.csv': { before: 'id,text\n', line: (text: string, i: number) => `i${i},"${text}"`, after: '' },
  'long.json': {
    before: '[\n',
    line: (text: string, i: number) => `${JSON.stringify({ id: `i${i}`, text })}${i + 1 < lines ? ',' : ''}`,
    after: ']\n',
  },
};

test.each(Object.entries(kinds))(
  '%s is imported in little memory',
  async (name, kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'gristmill-long-'));
    try {
      const location = join(folder, name);
      {
        await using file = await open(location, 'w');
        const text = 'Weite Felder, blauer Himmel. '.repeat(Math.ceil(bytes / lines / 29));
        await file.write(kind.before);
        for (let i = 0; i < lines; i += 500) {
          const some = Array.from({ length: 500 }, (_, k) => `${kind.line(text, i + k)}\n`);
          await file.write(some.join(''));
        }
        await file.write(kind.after);
        expect((await file.stat()).size).toBeGreaterThan(2 ** 29);
      }
      const program = `
      import { jsonDocumentsImporter } from '@gristmill/import';
      const file = { source: { name: 's', kind: 'post' }, path: '${name}', location: process.argv[1],
        options: { textField: 'text', idField: 'id' } };
      let [items, bytes, last] = [0, 0, ''];
      for await (const item of jsonDocumentsImporter.items(file)) {
        items++;
        bytes += item.bytes.length;
        last = item.source.item;
      }
      console.log(JSON.stringify({ items, bytes, last, megabytes: process.resourceUsage().maxRSS / 1024 }));`;
      const run = await promisify(execFile)(
        process.execPath,
        ['--input-type=module', '-e', program, location],
        {
          cwd: import.meta.dirname,
        },
      );
      const found = JSON.parse(run.stdout) as Record<string, number>;
      process.stderr.write(`${name}: ${run.stdout}`);
      expect(found).toMatchObject({ items: lines, last: `i${lines - 1}` });
      expect(found.bytes).toBeGreaterThan(bytes);
      expect(found.megabytes).toBeLessThan(300);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  600_000,
);
