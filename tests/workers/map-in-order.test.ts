import { expect, it } from 'vitest';
import { mapInOrder } from '@gristmill/workers';

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('begins no more than it may, and lets results wait behind a slow one', async () => {
  const first = Promise.withResolvers<void>();
  let [running, most, done] = [0, 0, 0];
  const work = async (input: number) => {
    most = Math.max(most, ++running);
    await (input === 0 ? first.promise : turn());
    running--;
    if (++done === 9) first.resolve();
    return input;
  };
  const outputs: number[] = [];
  const inputs = Array.from({ length: 10 }, (_, input) => input);
  for await (const output of mapInOrder(inputs, work, { inFlight: 10, running: 2 })) outputs.push(output);
  expect([outputs, most]).toEqual([inputs, 2]);
});

it('tells an error at once, ends what runs and begins nothing more', async () => {
  const begun: number[] = [];
  const ended: number[] = [];
  const work = (input: number, signal: AbortSignal) => {
    begun.push(input);
    if (input === 2) return Promise.reject(new Error('third'));
    return new Promise<number>((_, reject) =>
      signal.addEventListener('abort', () => {
        ended.push(input);
        reject(new Error('ended'));
      }),
    );
  };
  const all = mapInOrder([0, 1, 2, 3, 4, 5], work, { inFlight: 6, running: 3 });
  await expect(all.next()).rejects.toThrow('third');
  expect([begun, ended]).toEqual([
    [0, 1, 2],
    [0, 1],
  ]);
});

it('tells an error while the next input is awaited', async () => {
  async function* inputs() {
    yield 1;
    await new Promise(() => {});
  }
  const all = mapInOrder(inputs(), () => Promise.reject(new Error('first')), { inFlight: 4 });
  await expect(all.next()).rejects.toThrow('first');
});
