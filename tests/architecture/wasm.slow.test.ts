// Every committed .wasm is what its AssemblyScript source compiles to.
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './workspace.ts';

interface Pair {
  readonly source: string;
  readonly target: string;
}
const builder = (await import(`${root}scripts/build-wasm.mjs`)) as {
  listWasm(): Promise<Pair[]>;
  compileWasm(source: string): Promise<Uint8Array>;
};

for (const { source, target } of await builder.listWasm()) {
  test(`${relative(root, target)} is compiled from its source`, async () => {
    const compiled = Buffer.from(await builder.compileWasm(source));
    expect(compiled.equals(await readFile(target)), 'run `npm run build:wasm`').toBe(true);
  });
}

test('the builder refuses a source with an error', async () => {
  await expect(builder.compileWasm(`${root}tests/architecture/fixtures/broken.ts`)).rejects.toThrow(/ERROR/);
});
