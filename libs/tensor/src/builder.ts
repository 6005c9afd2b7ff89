// Builds a program operation by operation, checking types as it goes.

import { composites } from './composite.ts';
import { primitives } from './primitives.ts';
import {
  removeDeadOperations,
  type Attributes,
  type DType,
  type NamedValue,
  type Operation,
  type Program,
  type Type,
  type Value,
} from './program.ts';

export interface Builder {
  /** What was added so far, in order. */
  readonly operations: readonly Operation[];
  input(name: string, shape: readonly number[], dtype?: DType): Value;
  /** Adds an operation with one output. Throws TypeError when the inputs do not fit. */
  apply(name: string, inputs: readonly Value[], attributes?: Attributes): Value;
  /** Adds an operation and gives all its outputs. */
  applyAll(name: string, inputs: readonly Value[], attributes?: Attributes): readonly Value[];
  /** A number not given before, that names a stream of random bits in this program. */
  nextStream(): number;
  finish(outputs: Readonly<Record<string, Value>>): Program;
}

export function createBuilder(): Builder {
  const inputs: NamedValue[] = [];
  const operations: Operation[] = [];
  let values = 0;
  let streams = 0;
  const create = (type: Type): Value => ({ id: values++, shape: [...type.shape], dtype: type.dtype });
  const builder: Builder = {
    operations,
    input(name, shape, dtype = 'f32') {
      const value = create({ shape, dtype });
      inputs.push({ name, value });
      return value;
    },
    apply: (name, of, attributes) => builder.applyAll(name, of, attributes)[0],
    applyAll(name, of, attributes = {}) {
      const outputs = inferTypes(name, of, attributes).map(create);
      operations.push({ name, inputs: of, outputs, attributes });
      return outputs;
    },
    nextStream: () => streams++,
    finish: (outputs) =>
      removeDeadOperations({
        inputs,
        operations: [...operations],
        outputs: Object.entries(outputs).map(([name, value]) => ({ name, value })),
      }),
  };
  return builder;
}

function inferTypes(name: string, inputs: readonly Type[], attributes: Attributes): readonly Type[] {
  try {
    if (Object.hasOwn(primitives, name)) return [primitives[name](inputs, attributes)];
    if (Object.hasOwn(composites, name)) return composites[name].infer(inputs, attributes);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as Error).message}`, { cause: error });
  }
  throw new TypeError(`there is no operation ${name}`);
}

/** Adds all operations of `program` with these values as its inputs; gives its outputs by name. */
export function inline(
  b: Builder,
  program: Program,
  inputs: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const seen = new Map(program.inputs.map(({ name, value }) => [value.id, inputs[name]]));
  const find = (value: Value) => {
    const found = seen.get(value.id);
    if (!found) throw new TypeError('inline: an input is missing');
    return found;
  };
  for (const { name, inputs: of, outputs, attributes } of program.operations) {
    const added = b.applyAll(name, of.map(find), attributes);
    outputs.forEach((output, i) => seen.set(output.id, added[i]));
  }
  return Object.fromEntries(program.outputs.map(({ name, value }) => [name, find(value)]));
}
