// The StableHLO text of every architecture's training step is accepted by JAX's parser and verifier.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildAccumulateProgram, buildMeasureProgram, buildUpdateProgram } from '@gristmill/models';
import { lowerToStableHlo, multiplyInBf16 } from '@gristmill/tensor';
import { createOptimizer, resolveSettings } from '@gristmill/trainer';
import { findPython, runPython } from '../python/python.ts';
import { trainings } from '../trainer/every-architecture.ts';

const python = findPython(['jax', 'jaxlib.mlir']);
const why = python ? '' : ' (skipped: no Python with jax)';

const verifier = `
import sys
from jax._src.interpreters import mlir
from jaxlib.mlir import ir
with mlir.make_ir_context():
    for path in sys.argv[1:]:
        assert ir.Module.parse(open(path).read()).operation.verify(), path
print(len(sys.argv) - 1)
`;

test.skipIf(!python)(`JAX verifies the programs of every architecture${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'gristmill-stablehlo-'));
  const paths: string[] = [];
  const add = (name: string, text: string) => {
    const path = join(folder, `${name.replaceAll(/\W/g, '-')}.mlir`);
    writeFileSync(path, text);
    paths.push(path);
  };
  for (const [name, { model, shape }] of Object.entries(trainings)) {
    const { program, donate } = buildAccumulateProgram(model, shape(4), { vocabularyMultiple: 128 });
    add(`${name} accumulate`, lowerToStableHlo(program, donate));
    const split = new Set(['tokens', 'targets']);
    add(`${name} on two devices`, lowerToStableHlo(program, donate, { devices: 2, split }));
    add(`${name} in bf16`, lowerToStableHlo(multiplyInBf16(program), donate));
    add(`${name} measure`, lowerToStableHlo(buildMeasureProgram(model)));
    for (const optimizer of ['adamw', 'muon', 'adafactor'] as const) {
      const update = buildUpdateProgram(model, createOptimizer(resolveSettings({ optimizer }).settings));
      add(`${name} ${optimizer}`, lowerToStableHlo(update.program, update.donate));
    }
  }
  expect(Number(runPython(python!, verifier, paths))).toBe(paths.length);
  // And it does refuse what is wrong.
  writeFileSync(
    paths[0],
    'module { func.func public @main() -> tensor<2xf32> { "func.return"() : () -> () } }',
  );
  expect(() => runPython(python!, verifier, paths.slice(0, 1))).toThrow();
  rmSync(folder, { recursive: true });
});
