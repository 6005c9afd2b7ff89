// The Arrow stream of `gristmill table` as pyarrow reads it.
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { TestCorpus } from '../corpus/corpora.ts';
import { findPython, runPython } from '../python/python.ts';

const python = findPython(['pyarrow']);

it.skipIf(python === undefined)('pyarrow reads the same rows as JSON lines have', async () => {
  await using corpus = await TestCorpus.make(20);
  await corpus.run();
  const table = (...args: string[]) =>
    execFileSync(process.execPath, [resolve('apps/cli/src/main.ts'), 'table', 'corpus', ...args], {
      cwd: corpus.folder,
      maxBuffer: 1 << 26,
    });
  for (const step of ['extract', 'annotate-length', 'dedup/kept']) {
    const lines = table(step).toString().trimEnd().split('\n');
    await corpus.write('rows.arrows', table(step, '--format', 'arrow'));
    const rows = runPython(
      python!,
      `import json, sys, pyarrow
rows = pyarrow.ipc.open_stream(sys.argv[1]).read_all().to_pylist()
print(json.dumps([{k: json.loads(v) if k == 'verdict' else v for k, v in row.items() if v is not None} for row in rows]))`,
      [`${corpus.folder}/rows.arrows`],
    );
    expect(JSON.parse(rows)).toEqual(lines.map((line) => JSON.parse(line) as unknown));
  }
});
