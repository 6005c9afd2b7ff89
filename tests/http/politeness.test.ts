import { expect, test } from 'vitest';
import { createPoliteness, parseRetryAfter, retryDelayMs } from '@gristmill/http';
import { createManualClock } from './manual-clock.ts';

test('a host is asked again only after the delay, other hosts at once', async () => {
  const clock = createManualClock();
  const politeness = createPoliteness({ minDelayMs: 1000, clock });
  (await politeness.acquire('a'))({ elapsedMs: 10 });
  (await politeness.acquire('b'))({ elapsedMs: 10 });
  expect(clock.slept).toEqual([]);
  (await politeness.acquire('a'))({ elapsedMs: 10 });
  expect(clock.slept).toEqual([1000]);
});

test('no more requests are under way than connections are allowed, and waiters come in turn', async () => {
  const politeness = createPoliteness({ minDelayMs: 0, connectionsPerHost: 2, clock: createManualClock() });
  const first = await politeness.acquire('a');
  const second = await politeness.acquire('a');
  const order: number[] = [];
  const third = politeness.acquire('a').then((release) => (order.push(3), release));
  const fourth = politeness.acquire('a').then((release) => (order.push(4), release));
  await Promise.resolve();
  expect(order).toEqual([]);
  first({ elapsedMs: 1 });
  (await third)({ elapsedMs: 1 });
  second({ elapsedMs: 1 });
  await fourth;
  expect(order).toEqual([3, 4]);
});

test('Crawl-delay, a slow answer and a server that pushes back each lengthen the delay', async () => {
  const politeness = createPoliteness({ minDelayMs: 500, clock: createManualClock() });
  politeness.setCrawlDelay('a', 3000);
  expect(politeness.delayMs('a')).toBe(3000);
  (await politeness.acquire('b'))({ elapsedMs: 2000 });
  expect(politeness.delayMs('b')).toBe(2000);
  for (const expected of [1000, 2000, 4000]) {
    (await politeness.acquire('c'))({ elapsedMs: 1, pushback: true });
    expect(politeness.delayMs('c')).toBe(expected);
  }
  for (const expected of [2000, 1000, 500]) {
    (await politeness.acquire('c'))({ elapsedMs: 1 });
    expect(politeness.delayMs('c')).toBe(expected);
  }
});

test('Retry-After is seconds or a date', () => {
  const now = Date.UTC(2026, 0, 1);
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now)).toBe(60_000);
  expect(parseRetryAfter('Thu, 01 Jan 2015 00:01:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect([1, 2, 3].map((attempt) => retryDelayMs(attempt, 100))).toEqual([100, 200, 400]);
  expect(retryDelayMs(1, 100, 5000)).toBe(5000);
});
