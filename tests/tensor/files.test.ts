import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../libs/tensor/src');

/** Each file with those that it imports, types included. */
function readImports(): Map<string, string[]> {
  return new Map(
    globSync(join(root, '**/*.ts')).map((file) => {
      const found = readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g);
      return [file, [...found].map(([, path]) => resolve(dirname(file), path))];
    }),
  );
}

test('no two files of the form import each other, however far around', () => {
  const imports = readImports();
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, way: readonly string[]) => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const next of imports.get(file) ?? []) visit(next, [...way, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  expect(imports.size).toBeGreaterThan(50);
  expect(circles).toEqual([]);
});
