// Initial weights: normal deviates by Box and Muller (1958) from Philox bits keyed by the seed and the parameter's
// position, so a model is a function of its configuration and a seed.

import { fillPhilox, sizeOf } from '@gristmill/tensor';
import type { ParameterSpec } from './language-model.ts';

const weightStream = 0x57454947; // apart from every stream of dropout, which count from 0

/** Values of parameter number `index` in row-major order. */
export function initialise(spec: ParameterSpec, index: number, seed: number): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  if (spec.init.kind !== 'normal') return values.fill(spec.init.kind === 'ones' ? 1 : 0);
  const bits = new Uint32Array(Math.ceil(values.length / 2) * 2);
  fillPhilox(bits, [seed >>> 0, index, 0], weightStream);
  for (let i = 0; i < values.length; i += 2) {
    const radius = Math.sqrt(-2 * Math.log((bits[i] + 1) / 2 ** 32)) * spec.init.std;
    const angle = 2 * Math.PI * (bits[i + 1] / 2 ** 32);
    values[i] = radius * Math.cos(angle);
    if (i + 1 < values.length) values[i + 1] = radius * Math.sin(angle);
  }
  return values;
}
