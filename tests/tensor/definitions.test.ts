import { expect, test } from 'vitest';
import {
  createBuilder,
  differentiate,
  lowerToStableHlo,
  openCpuExecutor,
  operations as o,
  primitiveNames,
  type Program,
} from '@gristmill/tensor';
import { cases, type Case } from './cases.ts';

function buildWithGradients(one: Case): Program {
  const b = createBuilder();
  const inputs = one.inputs.map(({ shape }, i) => b.input(`x${i}`, shape));
  const y = one.build(b, inputs);
  const gradients = differentiate(b, o.sumAll(b, o.multiply(b, y, y)), inputs);
  return b.finish({ y, ...Object.fromEntries(gradients.map((g, i) => [`g${i}`, g])) });
}

const programs = cases.map(buildWithGradients);

// What each executor makes of the cases is the contract's (executor-contract.ts); this keeps them complete.
test('every primitive stands in a case, so every executor is tested on it', () => {
  const used = new Set(programs.flatMap(({ operations }) => operations.map(({ name }) => name)));
  expect(primitiveNames.filter((name) => !used.has(name))).toEqual([]);
});

test('every primitive has a form in every executor', async () => {
  const cpu = openCpuExecutor();
  for (const program of programs) {
    expect(lowerToStableHlo(program)).toContain('func.return');
    const executable = await cpu.compile(program);
    cpu.dispose(executable);
  }
  await cpu.close();
});

test('no two cases have one name', () => {
  expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
});
