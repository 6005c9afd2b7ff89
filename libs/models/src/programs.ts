// The programs of a training step and of inference over any architecture: gradients of one micro-batch, losses without
// gradients, and logits.

import { createBuilder, differentiate, operations as o, type Builder, type Program } from '@gristmill/tensor';
import { architectures, type Architecture, type ModelConfig, type Parameters } from './architecture.ts';

export interface BatchShape {
  /** Sequences. */
  readonly batch: number;
  /** Tokens a sequence. */
  readonly length: number;
}

/** Logits above this many are computed in chunks of rows and not kept for the backward pass. */
const keptLogits = 2 ** 26;

export function findArchitecture(config: ModelConfig): Architecture {
  const found = architectures[config.modelType];
  if (!found) throw new TypeError(`no architecture ${config.modelType}`);
  return found;
}

/**
 * One micro-batch forwards and backwards. Inputs: each parameter, tokens i32[B, T], targets i32[B·T] (negative: left
 * out), counter u32[3] [seed, step, lane]. Outputs: loss (nats, mean over B·T) and `gradient:NAME`.
 */
export function buildGradientProgram(config: ModelConfig, { batch, length }: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, config);
  const counter = b.input('counter', [3], 'u32');
  const losses = addLosses(b, config, { parameters, batch, length, counter });
  const loss = o.multiply(b, o.sumAll(b, losses), 1 / (batch * length));
  const names = Object.keys(parameters);
  const gradients = differentiate(b, loss, Object.values(parameters));
  return b.finish({
    loss,
    ...Object.fromEntries(names.map((name, i) => [`gradient:${name}`, gradients[i]])),
  });
}

/** Inputs: parameters, tokens, targets. Output: losses f32[B·T, 1] in nats, 0 where the target is negative. */
export function buildLossProgram(config: ModelConfig, { batch, length }: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, config);
  return b.finish({ losses: addLosses(b, config, { parameters, batch, length }) });
}

/** Inputs: parameters, tokens. Output: logits f32[B, T, V]. */
export function buildLogitsProgram(config: ModelConfig, { batch, length }: BatchShape): Program {
  const b = createBuilder();
  const parameters = addParameters(b, config);
  const { forward, head } = findArchitecture(config);
  const hidden = forward(b, { config, parameters, tokens: b.input('tokens', [batch, length], 'i32') });
  return b.finish({ logits: b.apply('linear', [hidden, parameters[head]], { transposed: true }) });
}

/** Inputs: parameters, tokens i32[1, T], position i32[1]. Output: logits f32[1, V] of the token after that position. */
export function buildNextTokenProgram(config: ModelConfig, length: number): Program {
  const b = createBuilder();
  const parameters = addParameters(b, config);
  const { forward, head } = findArchitecture(config);
  const hidden = forward(b, { config, parameters, tokens: b.input('tokens', [1, length], 'i32') });
  const last = o.gather(b, o.reshape(b, hidden, [length, config.nEmbd]), b.input('position', [1], 'i32'));
  return b.finish({ logits: b.apply('linear', [last, parameters[head]], { transposed: true }) });
}

function addParameters(b: Builder, config: ModelConfig): Parameters {
  const specs = findArchitecture(config).parameters(config);
  return Object.fromEntries(specs.map(({ name, shape }) => [name, b.input(name, shape)]));
}

interface LossOptions extends BatchShape {
  readonly parameters: Parameters;
  readonly counter?: ReturnType<Builder['input']>;
}

function addLosses(b: Builder, config: ModelConfig, { parameters, batch, length, counter }: LossOptions) {
  const { forward, head } = findArchitecture(config);
  const tokens = b.input('tokens', [batch, length], 'i32');
  const targets = b.input('targets', [batch * length], 'i32');
  const hidden = forward(b, { config, parameters, tokens, counter });
  const rows = o.reshape(b, hidden, [batch * length, config.nEmbd]);
  const rowsAtOnce = Math.floor(keptLogits / config.vocabSize);
  const chunk = batch * length <= rowsAtOnce && counter ? 0 : Math.min(256, batch * length);
  return b.apply('crossEntropy', [rows, parameters[head], targets], { chunk });
}
