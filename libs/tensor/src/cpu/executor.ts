// The cpu engine behind the executor's interface: a run is a schedule of one task whose links are kept as long as the
// same buffers come again.

import { setImmediate } from 'node:timers/promises';
import type { Executable, Executor, HostData } from '../executor.ts';
import { sizeOf, type Operation, type Program, type Type, type Value } from '../program.ts';
import { checkDonation, checkLength, createTensorTable } from '../tensor-table.ts';
import { createCpuEngine, type CpuBuffer, type CpuEngine, type Schedule } from './engine.ts';
import type { Plan } from './plan.ts';

interface Compiled {
  readonly plan: Plan;
  readonly schedules: Map<string, Schedule>;
}

const keptSchedules = 4;

export function openCpuExecutor({ threads = 1 }: { threads?: number } = {}): Executor {
  const engine = createCpuEngine({ threads });
  const pool = createPool(engine);
  const table = createTensorTable<CpuBuffer>('cpu');
  const compiled = new Map<Executable, Compiled>();
  const free = (buffer: CpuBuffer | undefined) => buffer && pool.give(buffer);
  return {
    name: 'cpu',
    async compile(program, { donate = {} } = {}) {
      checkDonation(program, donate);
      const plan = engine.compile(copyPassedInputs(program), donate);
      const executable: Executable = { program, donate, workingBytes: plan.arenaBytes };
      compiled.set(executable, { plan, schedules: new Map() });
      return Promise.resolve(executable);
    },
    async upload(type, data) {
      checkLength(type, data);
      const buffer = pool.take(type);
      buffer.data.set(data);
      return Promise.resolve(table.add(type, buffer));
    },
    allocate(type) {
      const buffer = pool.take(type);
      buffer.data.fill(0);
      return Promise.resolve(table.add(type, buffer));
    },
    async run(executable, inputs) {
      const { program, donate } = executable;
      const ready = compiled.get(executable);
      if (!ready) throw new TypeError('the executable was disposed of');
      const bound = table.bind(executable, inputs);
      const given = Object.fromEntries(program.inputs.map(({ name }, i) => [name, bound[i]]));
      const outputs = Object.fromEntries(
        program.outputs.map(({ name, value }) => [
          name,
          donate[name] === undefined ? pool.take(value) : given[donate[name]],
        ]),
      );
      for (const name of Object.values(donate)) table.remove(inputs[name]);
      await setImmediate();
      const schedule = await findSchedule(engine, ready, given, outputs);
      schedule.run();
      return Object.fromEntries(
        program.outputs.map(({ name, value }) => [name, table.add(value, outputs[name])]),
      );
    },
    download: async (tensor) => Promise.resolve(table.find(tensor).data.slice() as HostData),
    dispose(...what) {
      for (const one of what) {
        if ('executor' in one) free(table.remove(one));
        else compiled.delete(one);
      }
    },
    close: () => Promise.resolve(),
  };
}

type Buffers = Readonly<Record<string, CpuBuffer>>;

async function findSchedule(
  engine: CpuEngine,
  { plan, schedules }: Compiled,
  inputs: Buffers,
  outputs: Buffers,
) {
  const key = [inputs, outputs].map((one) => Object.values(one).map(({ address }) => address)).join(';');
  const known = schedules.get(key);
  if (known) return known;
  if (schedules.size >= keptSchedules) schedules.delete([...schedules.keys()][0]);
  const schedule = await engine.schedule([[{ plan, inputs, outputs }]]);
  schedules.set(key, schedule);
  return schedule;
}

/** Buffers by type, used again once they were given back; what they hold is left as it was. */
function createPool(engine: CpuEngine) {
  const idle = new Map<string, CpuBuffer[]>();
  const keys = new WeakMap<CpuBuffer, string>();
  return {
    take(type: Type): CpuBuffer {
      const key = `${type.dtype} ${sizeOf(type.shape)}`;
      const buffer = idle.get(key)?.pop() ?? engine.allocate(type);
      keys.set(buffer, key);
      return buffer;
    },
    give(buffer: CpuBuffer): void {
      const key = keys.get(buffer) as string;
      idle.set(key, [...(idle.get(key) ?? []), buffer]);
    },
  };
}

/** Outputs that are inputs under another name or shape are copied, so that a donation cannot overwrite them first. */
function copyPassedInputs(program: Program): Program {
  const passed = new Set(program.inputs.map(({ value }) => value.id));
  for (const { name, inputs, outputs } of program.operations)
    if ((name === 'reshape' || name === 'stopGradient') && passed.has(inputs[0].id))
      passed.add(outputs[0].id);
  let next = Math.max(
    -1,
    ...program.inputs.map(({ value }) => value.id),
    ...program.operations.flatMap(({ outputs }) => outputs.map(({ id }) => id)),
  );
  const copies: Operation[] = [];
  const outputs = program.outputs.map(({ name, value }) => {
    if (!passed.has(value.id)) return { name, value };
    const copy: Value = { ...value, id: ++next };
    copies.push({ name: 'convert', inputs: [value], outputs: [copy], attributes: { dtype: value.dtype } });
    return { name, value: copy };
  });
  return { ...program, operations: [...program.operations, ...copies], outputs };
}
