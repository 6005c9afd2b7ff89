// The peer of train.bench.ts: the same GPT in tfjs-core. Embeddings are products with one-hot rows, since the wasm
// backend has no kernel for the gradient of a gather.
import { createRequire, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import type { Step } from './train.bench.ts';

export const tfjsVersion = tf.version_core;

const [layers, heads, width, batch, length] = [4, 4, 128, 12, 64];
const rows = batch * length;

/** The bundle for Node lacks the gradients; they lie beside it as modules whose imports have no file endings. */
async function registerGradients(): Promise<void> {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(
        /^\.{1,2}\//.test(specifier) &&
          !specifier.endsWith('.js') &&
          context.parentURL?.includes('/tfjs-core/dist/')
          ? `${specifier}.js`
          : specifier,
        context,
      ),
  });
  await import('@tensorflow/tfjs-core/dist/register_all_gradients.js');
  hooks.deregister();
}

export async function createTfjsStep(vocabSize: number): Promise<Step> {
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(main)}/`.replace(join('dist', 'dist'), 'dist'));
  await registerGradients();
  await tf.setBackend('wasm');
  const optimizer = tf.train.adam(1e-3, 0.9, 0.99);
  const matrix = (from: number, to: number) => tf.variable(tf.randomNormal([from, to], 0, 0.02));
  const vector = (size: number, value: number) => tf.variable(tf.fill([size], value));
  const norm = () => ({ scale: vector(width, 1), shift: vector(width, 0) });
  const linear = (from: number, to: number) => ({ weight: matrix(from, to), bias: vector(to, 0) });
  const table = matrix(vocabSize, width);
  const positions = matrix(length, width);
  const last = norm();
  const blocks = Array.from({ length: layers }, () => ({
    first: norm(),
    qkv: linear(width, 3 * width),
    project: linear(width, width),
    second: norm(),
    widen: linear(width, 4 * width),
    narrow: linear(4 * width, width),
  }));
  const future = tf.tensor(
    Float32Array.from({ length: length * length }, (_, i) =>
      i % length > Math.floor(i / length) ? -1e9 : 0,
    ),
    [1, 1, length, length],
  );

  const normalise = (x: tf.Tensor, { scale, shift }: ReturnType<typeof norm>) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), scale), shift);
  };
  const apply = (x: tf.Tensor, { weight, bias }: ReturnType<typeof linear>) =>
    tf.add(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D), bias);
  const activate = (x: tf.Tensor) => {
    const inner = tf.mul(tf.add(x, tf.mul(tf.mul(tf.mul(x, x), x), 0.044715)), Math.sqrt(2 / Math.PI));
    return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
  };
  const attend = (x: tf.Tensor, block: (typeof blocks)[number]) => {
    const split = tf.split(apply(x, block.qkv), 3, 1);
    const [q, k, v] = split.map((part) =>
      tf.transpose(tf.reshape(part, [batch, length, heads, width / heads]), [0, 2, 1, 3]),
    );
    const scores = tf.add(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(width / heads)), future);
    const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
    return apply(tf.reshape(mixed, [rows, width]), block.project);
  };
  const computeLoss = (tokens: Int32Array, targets: Int32Array): tf.Scalar => {
    const hot = tf.cast(tf.oneHot(tf.tensor1d(tokens, 'int32'), vocabSize), 'float32');
    let x: tf.Tensor = tf.reshape(
      tf.add(
        tf.reshape(tf.matMul(hot as tf.Tensor2D, table as tf.Tensor2D), [batch, length, width]),
        positions,
      ),
      [rows, width],
    );
    for (const block of blocks) {
      x = tf.add(x, attend(normalise(x, block.first), block));
      x = tf.add(x, apply(activate(apply(normalise(x, block.second), block.widen)), block.narrow));
    }
    const logits = tf.matMul(normalise(x, last) as tf.Tensor2D, table as tf.Tensor2D, false, true);
    const wanted = tf.cast(tf.oneHot(tf.tensor1d(targets, 'int32'), vocabSize), 'float32');
    return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), wanted), 1)));
  };
  return async (tokens, targets) => {
    const loss = optimizer.minimize(() => computeLoss(tokens, targets), true);
    await loss?.data();
    loss?.dispose();
  };
}
