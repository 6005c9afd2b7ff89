// A model directory in the Hugging Face layout: config.json, model.safetensors (or its shards under
// model.safetensors.index.json), generation_config.json, tokenizer.json. Any prefix that transformers writes is taken.

import { DataError } from '@gristmill/core';
import { openDiskStore, readJson, type Store } from '@gristmill/storage';
import { sameShape } from '@gristmill/tensor';
import { createModel, readModelConfig } from './architectures.ts';
import type { LanguageModel, ParameterSpec } from './language-model.ts';
import {
  readTensors,
  writeTensors,
  type NamedTensor,
  type TensorValues,
  type WholeWriter,
} from './safetensors.ts';

export interface SavedModel {
  readonly model: LanguageModel;
  /** The bytes of tokenizer.json, where there is one. */
  readonly tokenizer?: Uint8Array;
  /** Tokens of a prompt see each other, as in a decoder that was trained as a prefix language model. Default no. */
  readonly seesPrompt?: boolean;
}

export interface OpenedModel extends SavedModel {
  /**
   * All of the model's parameters by our names, one after the other.
   * @throws DataError `weights-do-not-fit`, `safetensors-damaged`
   */
  weights(): AsyncGenerator<NamedTensor>;
}

export type Weights = ReadonlyMap<string, Float32Array>;

/** Our own field of generation_config.json, which other programs pass by. */
const [promptField, both] = ['prompt_attention', 'bidirectional'];

/** Reads all but the weights of a model directory. @throws DataError `no-model`, `unknown-architecture`, `not-modelled` */
export async function openModel(directory: string): Promise<OpenedModel> {
  const store = openDiskStore({ root: directory });
  const model = createModel(readModelConfig(await readConfig(store), store.location));
  const tokenizer = await readIfThere(store, 'tokenizer.json');
  const how = await readJson<Record<string, unknown>>(store, 'generation_config.json');
  const seesPrompt = how?.[promptField] === both;
  return { model, tokenizer, seesPrompt, weights: () => readWeights(store, model) };
}

/** Reads a model directory whole. */
export async function readModel(directory: string): Promise<SavedModel & { readonly weights: Weights }> {
  const { weights, ...saved } = await openModel(directory);
  const all = new Map<string, Float32Array>();
  for await (const { name, data } of weights()) all.set(name, data);
  return { ...saved, weights: all };
}

async function readConfig(store: Store): Promise<Record<string, unknown>> {
  const json = await readJson<Record<string, unknown>>(store, 'config.json');
  if (json !== undefined) return json;
  throw new DataError(
    'no-model',
    `${store.location} holds no config.json`,
    'give a model directory in the Hugging Face layout, such as the folder model/ of a training run',
  );
}

async function* readWeights(store: Store, model: LanguageModel): AsyncGenerator<NamedTensor> {
  const specs = new Map(model.parameters().map((spec) => [spec.name, spec]));
  const missing = new Set(specs.keys());
  const tables = new Map<string, NamedTensor>(); // a table may be there a second time as a head
  for (const file of await listWeightFiles(store)) {
    for await (const tensor of readTensors(store, file)) {
      const name = model.rename(tensor.name);
      if (name === undefined) continue;
      const renamed = { ...tensor, name };
      checkShape(specs.get(name), renamed, store.location);
      if (missing.delete(name)) {
        if (specs.get(name)?.role !== 'matrix') tables.set(name, renamed);
        yield renamed;
      } else checkSame(tables.get(name), renamed, tensor.name, store.location);
    }
  }
  for (const name of missing) throw misfit(store.location, `${name} is missing`);
}

async function listWeightFiles(store: Store): Promise<string[]> {
  const index = await readJson<{ weight_map: Record<string, string> }>(store, 'model.safetensors.index.json');
  if (index === undefined) return ['model.safetensors'];
  const files = [...new Set(Object.values(index.weight_map ?? {}))].sort();
  const odd = files.find((file) => !/^[\w-][\w.-]*$/.test(file));
  if (odd === undefined) return files;
  throw misfit(store.location, `model.safetensors.index.json names ${odd}, which is no file of this folder`);
}

function checkShape(spec: ParameterSpec | undefined, { name, shape }: NamedTensor, directory: string): void {
  const expected = spec?.shape;
  if (expected === undefined)
    throw misfit(directory, `it holds ${name}, which config.json does not call for`);
  if (!sameShape(expected, shape))
    throw misfit(
      directory,
      `${name} has the shape [${shape.join(', ')}] instead of [${expected.join(', ')}]`,
    );
}

function checkSame(first: NamedTensor | undefined, second: NamedTensor, saved: string, directory: string) {
  if (first?.data.every((value, i) => value === second.data[i])) return;
  throw misfit(directory, `${saved} differs from ${second.name}, to which config.json ties it`);
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

/** Values of a parameter by its name. */
export type WeightSource = (name: string) => TensorValues;

/** Writes a model directory; config.json last, so that a directory with one is whole. */
export async function writeModel(
  directory: string,
  saved: SavedModel,
  weights: WeightSource | Weights,
): Promise<void> {
  const store = openDiskStore({ root: directory });
  await store.remove('config.json');
  await store.remove('model.safetensors');
  const source = typeof weights === 'function' ? weights : (name: string) => weights.get(name)!;
  await writeModelFiles(store, '', saved, source);
}

/** The files of a model under a prefix of a store; gives the digest of the weights, which `whole` writes if it is given. */
export async function writeModelFiles(
  store: Store,
  prefix: string,
  { model, tokenizer, seesPrompt = false }: SavedModel,
  weights: WeightSource,
  whole?: WholeWriter,
): Promise<{ sha256: string }> {
  const names = model.parameters().map(({ name }) => name);
  const tensors = model.parameters().map(({ name, shape }) => ({
    name: model.savedName(name),
    shape,
    load: () => weights(name),
  }));
  const write = whole && ((path: string, head: Uint8Array) => whole(path, head, names));
  const written = await writeTensors(store, `${prefix}model.safetensors`, tensors, write);
  const special = {
    ...{ bos_token_id: model.startOfText, eos_token_id: model.endOfText },
    ...(seesPrompt ? { [promptField]: both } : {}),
  };
  await store.replace(
    `${prefix}generation_config.json`,
    formatJson({ _from_model_config: true, ...special }),
  );
  if (tokenizer) await store.replace(`${prefix}tokenizer.json`, tokenizer);
  const preprocessor = model.preprocessorJson?.();
  if (preprocessor) await store.replace(`${prefix}preprocessor_config.json`, formatJson(preprocessor));
  await store.replace(`${prefix}config.json`, formatJson(model.toJson()));
  return written;
}

/** Keys that transformers takes as floats alone: 15 is refused, 15.0 is not. */
const floats =
  /"(final_logit_softcapping|initializer_(?:range|factor)|init_std|rms_norm_eps|layer_norm_eps(?:ilon)?|factor|(?:low|high)_freq_factor|attention_factor|beta_(?:fast|slow))": \d+(?=,?$)/gm;

/** As all files of a model are written. */
export const formatJson = (value: unknown): string =>
  `${JSON.stringify(value, undefined, 2)}\n`.replace(floats, '$&.0');
