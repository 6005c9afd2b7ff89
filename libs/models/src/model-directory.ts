// A model directory in the Hugging Face layout: config.json, model.safetensors (or its shards under
// model.safetensors.index.json), generation_config.json, tokenizer.json. Any prefix that transformers writes is taken.

import { DataError } from '@gristmill/core';
import { openDiskStore, readJson, type Store } from '@gristmill/storage';
import { sameShape } from '@gristmill/tensor';
import { architectures, type ModelConfig } from './architecture.ts';
import { findArchitecture } from './programs.ts';
import { readTensors, writeTensors, type Tensor } from './safetensors.ts';

export interface Model {
  readonly config: ModelConfig;
  /** By our names, all of the architecture's parameters. */
  readonly weights: ReadonlyMap<string, Float32Array>;
  /** The bytes of tokenizer.json, where there is one. */
  readonly tokenizer?: Uint8Array;
}

/** Reads a model directory. @throws DataError `no-model`, `unknown-architecture`, `weights-do-not-fit` */
export async function readModel(directory: string): Promise<Model> {
  const store = openDiskStore({ root: directory });
  const config = await readConfig(store);
  const weights = new Map<string, Float32Array>();
  const architecture = findArchitecture(config);
  const shapes: ReadonlyMap<string, readonly number[]> = new Map(
    architecture.parameters(config).map(({ name, shape }) => [name, shape]),
  );
  for (const file of await listWeightFiles(store)) {
    for await (const tensor of readTensors(store, file)) {
      const name = architecture.rename(tensor.name);
      if (name === undefined) continue;
      checkShape(shapes, name, tensor, directory);
      weights.set(name, tensor.data);
    }
  }
  for (const name of shapes.keys()) if (!weights.has(name)) throw misfit(directory, `${name} is missing`);
  return { config, weights, tokenizer: await readIfThere(store, 'tokenizer.json') };
}

async function readConfig(store: Store): Promise<ModelConfig> {
  const json = await readJson<Record<string, unknown>>(store, 'config.json');
  if (json === undefined)
    throw new DataError(
      'no-model',
      `${store.location} holds no config.json`,
      'give a model directory in the Hugging Face layout, such as the folder model/ of a training run',
    );
  const type = String(json.model_type);
  if (Object.hasOwn(architectures, type)) return architectures[type].fromJson(json);
  throw new DataError(
    'unknown-architecture',
    `${store.location} holds a model of type ${type}`,
    `types that can be read: ${Object.keys(architectures).join(', ')}`,
  );
}

async function listWeightFiles(store: Store): Promise<string[]> {
  const index = await readJson<{ weight_map: Record<string, string> }>(store, 'model.safetensors.index.json');
  return index ? [...new Set(Object.values(index.weight_map))].sort() : ['model.safetensors'];
}

function checkShape(
  shapes: ReadonlyMap<string, readonly number[]>,
  name: string,
  { shape }: Tensor,
  directory: string,
): void {
  const expected = shapes.get(name);
  if (expected === undefined)
    throw misfit(directory, `it holds ${name}, which config.json does not call for`);
  if (!sameShape(expected, shape))
    throw misfit(
      directory,
      `${name} has the shape [${shape.join(', ')}] instead of [${expected.join(', ')}]`,
    );
}

function misfit(directory: string, why: string): DataError {
  return new DataError(
    'weights-do-not-fit',
    `the weights in ${directory} do not fit its config.json: ${why}`,
    'take both files from the same model',
  );
}

async function readIfThere(store: Store, path: string): Promise<Uint8Array | undefined> {
  return (await store.stat(path)) ? store.read(path) : undefined;
}

/** Writes a model directory; config.json last, so that a directory with one is whole. */
export async function writeModel(directory: string, model: Model): Promise<void> {
  const store = openDiskStore({ root: directory });
  await store.remove('config.json');
  await store.remove('model.safetensors');
  await writeModelFiles(store, '', model);
}

/** The files of a model under a prefix of a store. */
export async function writeModelFiles(
  store: Store,
  prefix: string,
  { config, weights, tokenizer }: Model,
): Promise<void> {
  const architecture = findArchitecture(config);
  const tensors = architecture.parameters(config).map(({ name, shape }) => ({
    name: architecture.savedName(name),
    shape,
    data: weights.get(name) as Float32Array,
  }));
  await writeTensors(store, `${prefix}model.safetensors`, tensors);
  const special = { bos_token_id: config.eosTokenId, eos_token_id: config.eosTokenId };
  await store.replace(
    `${prefix}generation_config.json`,
    formatJson({ _from_model_config: true, ...special }),
  );
  if (tokenizer) await store.replace(`${prefix}tokenizer.json`, tokenizer);
  await store.replace(`${prefix}config.json`, formatJson(architecture.toJson(config)));
}

const formatJson = (value: unknown) => `${JSON.stringify(value, undefined, 2)}\n`;
