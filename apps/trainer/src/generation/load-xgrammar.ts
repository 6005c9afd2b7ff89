// XGrammar as the package ships it: a script for browsers and CommonJS that its package.json calls a module, so Node's
// loader is told what it is. What its C++ says goes to where console.error points when it starts, and is kept here, since
// a failure itself says no more than "Aborted()".

import { readFileSync } from 'node:fs';
import { Module } from 'node:module';
import { fileURLToPath } from 'node:url';
import type * as XGrammar from '@mlc-ai/web-xgrammar';

export interface LoadedXGrammar {
  readonly xgrammar: typeof XGrammar;
  /** Runs what may fail. @throws Error with what the C++ said */
  attempt<T>(work: () => Promise<T>): Promise<T>;
}

let loaded: Promise<LoadedXGrammar> | undefined;

export const loadXGrammar = (): Promise<LoadedXGrammar> => (loaded ??= load());

async function load(): Promise<LoadedXGrammar> {
  const path = fileURLToPath(import.meta.resolve('@mlc-ai/web-xgrammar'));
  const script = new Module(path) as Module & { _compile(source: string, file: string): void };
  script._compile(readFileSync(path, 'utf8'), `${path}.cjs`);
  const xgrammar = script.exports as typeof XGrammar;
  let said: string[] = [];
  const { error } = console;
  console.error = (...words: unknown[]) => said.push(words.join(' '));
  try {
    const info = await xgrammar.TokenizerInfo.createTokenizerInfo(['a']);
    info.dispose();
  } finally {
    console.error = error;
  }
  return {
    xgrammar,
    async attempt(work) {
      said = [];
      try {
        return await work();
      } catch (cause) {
        throw new Error(describe(said) ?? String(cause), { cause });
      }
    },
  };
}

/** Without the place in the source. */
function describe(said: readonly string[]): string | undefined {
  const fatal = said.find((line) => line.startsWith('[FATAL]'));
  return fatal?.replace(/^\[FATAL\] \S+:\d+: /, '').replace(/^Check failed: .*? is false: /, '');
}
