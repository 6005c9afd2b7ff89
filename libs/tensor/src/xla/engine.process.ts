// The process in which XLA runs. A failed check inside a plugin ends the process that it lives in: here that loses a
// computation, and the program that asked goes on to say so. It ends when its parent does.

import { sizeOf, type Type } from '../program.ts';
import type { Answer, Answers, Ask, Question } from './messages.ts';
import { openPjrt, type Buffers, type PjrtClient } from './pjrt.ts';
import { compileCached } from './program-cache.ts';
import { writeFile } from './write-file.ts';

let client: PjrtClient;
let cache: string | undefined;
let numbers = 0;
const tensors = new Map<number, { readonly buffers: Buffers; readonly type: Type }>();
const executables = new Map<number, { readonly handle: bigint; readonly outputs: readonly Type[] }>();

type Work = {
  readonly [Kind in Ask['kind']]: (
    ask: Extract<Ask, { kind: Kind }>,
  ) => Answers[Kind] | Promise<Answers[Kind]>;
};

const work: Work = {
  async open({ plugin, options, devices, cache: folder }) {
    client = await openPjrt(plugin, { options, devices });
    cache = folder;
    return undefined;
  },
  compile({ text, outputs }) {
    const handle = cache === undefined ? client.compile(text) : compileCached(client, text, cache);
    executables.set(++numbers, { handle, outputs });
    return { executable: numbers, workingBytes: client.memoryOf(handle)?.scratch };
  },
  upload: ({ type, data, split }) => hold(client.upload(data, type, split), type),
  allocate: ({ type }) => hold(client.upload(new Uint8Array(sizeOf(type.shape)), type), type),
  run({ executable, inputs, consumed }) {
    const { handle, outputs } = executables.get(executable)!;
    const results = client.execute(
      handle,
      inputs.map((tensor) => find(tensor).buffers),
      outputs.length,
    );
    consumed.forEach(free);
    return results.map((result, i) => hold(result, outputs[i]));
  },
  download({ tensor }) {
    const { buffers, type } = find(tensor);
    return client.download(buffers, type) as Answers['download'];
  },
  write({ path, head, tensors: of }) {
    const read = (index: number) => {
      const { buffers, type } = find(of[index]);
      return client.download(buffers, type) as Float32Array;
    };
    return writeFile(path, head, { count: of.length, read });
  },
  dispose({ tensors: of, executables: compiled }) {
    of.forEach(free);
    for (const number of compiled) {
      client.freeExecutable(executables.get(number)!.handle);
      executables.delete(number);
    }
    return undefined;
  },
};

function hold(buffers: Buffers, type: Type): number {
  tensors.set(++numbers, { buffers, type });
  return numbers;
}

function find(tensor: number) {
  const held = tensors.get(tensor);
  if (!held) throw new TypeError(`there is no tensor ${tensor}`);
  return held;
}

function free(tensor: number): void {
  client.freeBuffer(find(tensor).buffers);
  tensors.delete(tensor);
}

async function answer({ id, ask }: Question): Promise<Answer> {
  try {
    return { id, value: await (work[ask.kind] as (ask: Ask) => unknown)(ask) };
  } catch (error) {
    const { message, code, hint } = error as Error & { code?: string; hint?: string };
    return { id, error: { message, code, hint } };
  }
}

// The terminal's Ctrl-C reaches this process too; what it means is the parent's to decide.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('disconnect', () => process.exit(0));
let queue = Promise.resolve();
process.on('message', (question: Question) => {
  const reply = async () => void process.send!(await answer(question));
  // A checkpoint is written beside the next step.
  queue = queue.then(() => (question.ask.kind === 'write' ? void reply() : reply()));
});
