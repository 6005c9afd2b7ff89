// Builds a program operation by operation, checking types as it goes.

import { findComposite } from './composites.ts';
import type { Builder, FinishOptions, Region } from './definition.ts';
import { findPrimitive } from './primitives.ts';
import {
  removeDeadOperations,
  type Attributes,
  type NamedValue,
  type Operation,
  type Type,
  type Value,
} from './program.ts';

export function createBuilder(): Builder {
  const inputs: NamedValue[] = [];
  const operations: Operation[] = [];
  const producers = new Map<number, Operation>();
  const regions: Region[] = [];
  const taps = new Map<string, Value>();
  let values = 0;
  let streams = 0;
  const create = (type: Type): Value => ({ id: values++, shape: [...type.shape], dtype: type.dtype });
  const builder: Builder = {
    operations,
    regions,
    input(name, shape, dtype = 'f32') {
      const value = create({ shape, dtype });
      inputs.push({ name, value });
      return value;
    },
    apply: (name, of, attributes) => builder.applyAll(name, of, attributes)[0],
    applyAll(name, of, attributes = {}) {
      const outputs = inferTypes(name, of, attributes).map(create);
      const operation = { name, inputs: of, outputs, attributes };
      operations.push(operation);
      for (const { id } of outputs) producers.set(id, operation);
      return outputs;
    },
    nextStream: () => streams++,
    region(kind, body) {
      const from = operations.length;
      const result = body();
      regions.push({ kind, from, to: operations.length });
      return result;
    },
    tap(name, value) {
      if (taps.has(name)) throw new TypeError(`there are two taps ${name}`);
      taps.set(name, value);
      return value;
    },
    producerOf: ({ id }) => producers.get(id),
    finish: (outputs, options = {}) =>
      removeDeadOperations({
        inputs,
        operations: [...operations],
        outputs: Object.entries({ ...outputs, ...chooseTaps(taps, options) }).map(([name, value]) => ({
          name,
          value,
        })),
      }),
  };
  return builder;
}

function chooseTaps(taps: ReadonlyMap<string, Value>, { taps: wanted = [] }: FinishOptions) {
  const names = wanted === 'all' ? [...taps.keys()] : wanted;
  return Object.fromEntries(
    names.map((name) => {
      const value = taps.get(name);
      if (!value)
        throw new TypeError(`there is no tap ${name}, only ${[...taps.keys()].join(', ') || 'none'}`);
      return [`tap:${name}`, value];
    }),
  );
}

function inferTypes(name: string, inputs: readonly Type[], attributes: Attributes): readonly Type[] {
  const primitive = findPrimitive(name);
  const composite = findComposite(name);
  try {
    if (primitive) return [primitive.infer(inputs, attributes)];
    if (composite) return composite.infer(inputs, attributes);
  } catch (error) {
    throw new TypeError(`${name}: ${(error as Error).message}`, { cause: error });
  }
  throw new TypeError(`there is no operation ${name}`);
}
