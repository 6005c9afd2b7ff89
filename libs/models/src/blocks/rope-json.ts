// Rotary positions in config.json: `rope_parameters` as transformers 5 writes them, `rope_theta` and `rope_scaling` as it
// did before. Both are read, and both are written.

import {
  compact,
  notModelled,
  readNumber,
  readOptionalNumber,
  wrongConfig,
  type ConfigJson,
} from './config-json.ts';
import type { Rope, RopeScaling } from './rotary.ts';

/**
 * @param usual theta where none is said
 * @throws DataError `not-modelled`, `wrong-config`
 */
export function readRope(json: ConfigJson, usual = 10_000): Rope {
  const parameters = objectOf(json, 'rope_scaling') ?? objectOf(json, 'rope_parameters') ?? {};
  for (const [name, only] of [['partial_rotary_factor', 1]] as const) {
    const given = parameters[name] ?? json[name] ?? only;
    if (given !== only) throw notModelled(json, name, JSON.stringify(given), 'all of a head is turned');
  }
  const nested = Object.keys(parameters).find((name) => name.endsWith('_attention'));
  if (nested !== undefined)
    throw notModelled(json, 'rope_parameters', `of ${nested} alone`, 'all blocks turn by the same angles');
  const theta = readNumber(parameters, 'rope_theta', readNumber(json, 'rope_theta', usual));
  const type = String(parameters.rope_type ?? parameters.type ?? 'default');
  const scaling = type === 'default' ? undefined : readScaling(json, parameters, type);
  return { theta, ...(scaling ? { scaling } : {}) };
}

function objectOf(json: ConfigJson, name: string): ConfigJson | undefined {
  const value = json[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as ConfigJson;
  throw wrongConfig(name, value, 'it is an object');
}

function readScaling(json: ConfigJson, parameters: ConfigJson, type: string): RopeScaling {
  const number = (name: string) => {
    const value = readOptionalNumber(parameters, name);
    if (value === undefined) throw wrongConfig(name, value, `rope_parameters of type ${type} have it`);
    return value;
  };
  const optional = (name: string) => readOptionalNumber(parameters, name);
  const originalLength =
    optional('original_max_position_embeddings') ??
    readOptionalNumber(json, 'original_max_position_embeddings') ??
    readNumber(json, 'max_position_embeddings', 2048);
  if (type === 'linear' || type === 'dynamic') return { type, factor: number('factor') };
  if (type === 'llama3')
    return {
      type,
      factor: number('factor'),
      originalLength,
      lowFrequencyFactor: number('low_freq_factor'),
      highFrequencyFactor: number('high_freq_factor'),
    };
  if (type === 'yarn')
    return compact({
      type,
      factor: number('factor'),
      originalLength,
      betaFast: optional('beta_fast'),
      betaSlow: optional('beta_slow'),
      attentionFactor: optional('attention_factor'),
      mscale: optional('mscale'),
      mscaleAllDim: optional('mscale_all_dim'),
      truncate: parameters.truncate === false ? false : undefined,
    });
  throw notModelled(json, 'rope_type', type, 'types: default, linear, dynamic, yarn, llama3');
}

export function writeRope({ theta, scaling }: Rope): Record<string, unknown> {
  if (scaling === undefined)
    return {
      rope_theta: theta,
      rope_scaling: null,
      rope_parameters: { rope_type: 'default', rope_theta: theta },
    };
  const written = { rope_type: scaling.type, rope_theta: theta, ...writeScaling(scaling) };
  return { rope_theta: theta, rope_scaling: written, rope_parameters: written };
}

function writeScaling(scaling: RopeScaling): Record<string, unknown> {
  const { factor } = scaling;
  if (scaling.type === 'linear' || scaling.type === 'dynamic') return { factor };
  const common = { factor, original_max_position_embeddings: scaling.originalLength };
  if (scaling.type === 'llama3')
    return {
      ...common,
      low_freq_factor: scaling.lowFrequencyFactor,
      high_freq_factor: scaling.highFrequencyFactor,
    };
  return compact({
    ...common,
    beta_fast: scaling.betaFast,
    beta_slow: scaling.betaSlow,
    attention_factor: scaling.attentionFactor,
    mscale: scaling.mscale,
    mscale_all_dim: scaling.mscaleAllDim,
    truncate: scaling.truncate,
  });
}
