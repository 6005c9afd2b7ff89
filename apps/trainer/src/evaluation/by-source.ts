// Losses by source: what a model makes of each part of a corpus, those included that it was not trained on.

import type { ItemLoss } from '../evaluate.ts';
import { findInterval, type BootstrapOptions } from './bootstrap.ts';

export interface SourceLoss {
  readonly source: string;
  readonly items: number;
  readonly tokens: number;
  readonly bytes: number;
  /** Nats a token. */
  readonly loss: number;
  readonly bitsPerByte?: number;
  readonly interval?: readonly [low: number, high: number];
  /** Whether a run saw some document of it; absent where no run was named. */
  readonly trained?: boolean;
}

export const measureBitsPerByte = (items: readonly ItemLoss[]): number => {
  const sum = (of: (item: ItemLoss) => number) => items.reduce((total, item) => total + of(item), 0);
  return sum(({ loss }) => loss) / Math.LN2 / sum(({ bytes }) => bytes);
};

/** By name; nothing where items name no source. Intervals are those of bits per byte. */
export function tabulateSources(
  items: readonly ItemLoss[],
  { trained, ...options }: BootstrapOptions & { readonly trained?: ReadonlySet<string> } = {},
): SourceLoss[] {
  const names = [...new Set(items.flatMap(({ source }) => source ?? []))].sort();
  return names.map((source) => {
    const own = items.filter((item) => item.source === source);
    const sum = (of: (item: ItemLoss) => number) => own.reduce((total, item) => total + of(item), 0);
    const isCode = !own.some(({ isNoCode }) => isNoCode);
    return {
      ...{ source, items: own.length },
      tokens: sum(({ tokens }) => tokens),
      bytes: sum(({ bytes }) => bytes),
      loss: sum(({ loss }) => loss) / sum(({ tokens }) => tokens),
      ...(isCode
        ? { bitsPerByte: measureBitsPerByte(own), interval: findInterval(own, measureBitsPerByte, options) }
        : {}),
      ...(trained ? { trained: trained.has(source) } : {}),
    };
  });
}
