import { expect, test } from 'vitest';
import { createRandom } from '@gristmill/core';
import { createPoliteness, parseRetryAfter, retryDelayMs, type Politeness } from '@gristmill/http';
import { nextDue } from '../../libs/http/src/pace.ts';
import type { Outcome } from '../../libs/http/src/politeness.ts';
import { createManualClock } from './manual-clock.ts';

const quick = { elapsedMs: 10 };
/** Without spread: every gap is the delay. */
const random = () => 0.5;
async function ask(politeness: Politeness, host: string, outcome: Outcome): Promise<void> {
  (await politeness.acquire(host))!(outcome);
}

test('a host is asked again only after the delay, counted from the start of a request, other hosts at once', async () => {
  const clock = createManualClock();
  const politeness = createPoliteness({ minDelayMs: 1000, clock, random });
  const release = await politeness.acquire('a');
  clock.advance(600);
  release!({ elapsedMs: 600 });
  await ask(politeness, 'b', quick);
  expect(clock.slept).toEqual([]);
  await ask(politeness, 'a', quick);
  expect(clock.slept).toEqual([400]);
});

test('gaps are spread by a tenth around the delay, which is their mean, also when every timer is late', () => {
  const chance = createRandom(17);
  for (let run = 0; run < 30; run++) {
    const delayMs = 1 + Math.floor(chance() * 60_000);
    const lateness = chance() * 0.05;
    const starts = [0];
    let [due, start] = [0, 0];
    for (let i = 0; i < 2000; i++) {
      due = nextDue({ due, start }, { delayMs, leastMs: 0 }, chance());
      start = due + chance() * lateness * delayMs;
      starts.push(start);
    }
    const gaps = starts.slice(1).map((time, i) => (time - starts[i]!) / delayMs);
    expect(Math.min(...gaps)).toBeGreaterThan(0.9 - 1e-6);
    expect(Math.max(...gaps)).toBeLessThan(1.1 + lateness + 1e-6);
    expect(Math.abs(starts[2000]! / delayMs / 2000 - 1)).toBeLessThan(0.02);
    expect(new Set(gaps.map((gap) => Math.round(gap * 50))).size).toBeGreaterThan(5);
  }
});

test('what the host is owed is never cut short, and a long silence is not made up for', () => {
  const chance = createRandom(18);
  const some = (most: number): number => Math.floor(chance() * most);
  for (let run = 0; run < 1000; run++) {
    const start = 1e9;
    const gaps = { delayMs: some(1e5), leastMs: chance() < 0.3 ? 0 : some(1e6) };
    const next = nextDue({ due: start - some(1e6), start }, gaps, chance());
    expect(next).toBeGreaterThanOrEqual(start + gaps.leastMs);
    expect(next).toBeGreaterThanOrEqual(start + 0.9 * gaps.delayMs - 1e-6);
    expect(next).toBeLessThanOrEqual(start + Math.max(gaps.leastMs, 1.1 * gaps.delayMs) + 1e-6);
  }
});

test('fifty hosts at 200 ms with answers of 30 ms are asked for 250 pages a virtual second', async () => {
  const clock = createManualClock();
  const begin = clock.now();
  const politeness = createPoliteness({ minDelayMs: 200, clock, random: createRandom(5) });
  // The host that is ready first is asked, as the frontier does it; time moves only by sleeping.
  const asked = new Map<string, number>();
  const hosts = Array.from({ length: 50 }, (_, i) => `h${i}`);
  for (let i = 0; i < 5000; i++) {
    const host = hosts.reduce((a, b) => (politeness.readyAt(b) < politeness.readyAt(a) ? b : a));
    await ask(politeness, host, { elapsedMs: 30 });
    asked.set(host, (asked.get(host) ?? 0) + 1);
  }
  const rate = 5000 / ((clock.now() - begin) / 1000);
  expect(rate).toBeGreaterThan(240);
  expect(rate).toBeLessThan(260);
  expect(Math.max(...asked.values()) - Math.min(...asked.values())).toBeLessThan(5);
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
  first!({ elapsedMs: 1 });
  (await third)!({ elapsedMs: 1 });
  second!({ elapsedMs: 1 });
  await fourth;
  expect(order).toEqual([3, 4]);
});

test('Crawl-delay, an answer slower than the delay and a server that pushes back each lengthen it; nothing else does', async () => {
  const clock = createManualClock();
  const politeness = createPoliteness({ minDelayMs: 500, clock, random });
  politeness.setCrawlDelay('a', 3000);
  expect(politeness.delayMs('a')).toBe(3000);
  await ask(politeness, 'b', { elapsedMs: 499 });
  expect([politeness.delayMs('b'), politeness.readyAt('b') - clock.now()]).toEqual([500, 500]);
  const release = await politeness.acquire('d');
  clock.advance(2000);
  release!({ elapsedMs: 2000 });
  // It rests from the end of the answer for the 1.5 s by which that was slower.
  expect([politeness.delayMs('d'), politeness.readyAt('d') - clock.now()]).toEqual([3500, 1500]);
  for (const expected of [1000, 2000, 4000]) {
    await ask(politeness, 'c', { elapsedMs: 1, pushback: true });
    expect(politeness.delayMs('c')).toBe(expected);
  }
  for (const expected of [2000, 1000, 500]) {
    await ask(politeness, 'c', { elapsedMs: 1 });
    expect(politeness.delayMs('c')).toBe(expected);
  }
});

test('Retry-After counts in full, up to a day; longer than one waits, no turn is given', async () => {
  const clock = createManualClock();
  const politeness = createPoliteness({ minDelayMs: 10, longestRestMs: 300_000, clock, random });
  const hour = 3600_000;
  const rest = async (host: string, retryAfterMs: number, pushback = true): Promise<number> => {
    await ask(politeness, host, { elapsedMs: 1, pushback, retryAfterMs });
    return politeness.readyAt(host) - clock.now();
  };
  expect(await rest('a', 7200_000)).toBe(2 * hour);
  expect(await politeness.acquire('a')).toBeUndefined();
  expect(await rest('b', 100 * hour)).toBe(24 * hour);
  expect(await rest('c', 100_000)).toBe(100_000);
  expect(await politeness.acquire('c')).toBeDefined();
  expect(await rest('d', 2 * hour, false)).toBe(10);
  clock.advance(2 * hour);
  expect(await politeness.acquire('a')).toBeDefined();
});

test('hosts to which nothing is owed are forgotten, those that rest are not', async () => {
  const clock = createManualClock();
  const politeness = createPoliteness({ minDelayMs: 10, mostHosts: 100, clock, random });
  await ask(politeness, 'resting', { elapsedMs: 1, pushback: true, retryAfterMs: 86_400_000 });
  const busy = await politeness.acquire('busy');
  for (let i = 0; i < 10_000; i++) {
    await ask(politeness, `h${i}`, quick);
    clock.advance(1);
  }
  expect(politeness.hosts).toBeLessThanOrEqual(100);
  expect(politeness.readyAt('resting')).toBeGreaterThan(clock.now());
  busy!(quick);
  expect(politeness.readyAt('busy')).toBeGreaterThan(0);
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
