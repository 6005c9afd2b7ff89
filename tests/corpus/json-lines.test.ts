import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createLineWriter } from '../../apps/cli/src/json-lines.ts';

it('a writer of lines waits for a slow file without a warning of leaking listeners', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gristmill-lines-'));
  const warnings: string[] = [];
  const listen = ({ name }: Error) => void warnings.push(name);
  process.on('warning', listen);
  try {
    const writer = createLineWriter(join(folder, 'lines.jsonl'));
    for (let i = 0; i < 40; i++) await writer.write({ i, text: 'x'.repeat(100_000) });
    await writer.close();
    await new Promise(setImmediate);
    expect((await readFile(join(folder, 'lines.jsonl'), 'utf8')).split('\n')).toHaveLength(41);
  } finally {
    process.off('warning', listen);
    await rm(folder, { recursive: true });
  }
  expect(warnings).toEqual([]);
});
