import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttemptEvent } from '../history/events.ts';
import { backoff } from '../object-store/backoff.ts';
import { Random } from '../random.ts';
import { BackoffWaits } from './backoff-waits.ts';
import { request } from './example-history.ts';

const policy = { attempts: 10, backoffUnit: 200, backoffCap: 1000 };
const settings = { client: 'tempo', s3: { region: 'us-west-2' }, policy };

interface Client {
  /** What the policy of this client announces after an attempt, and what it waits. */
  announces?(attempt: number, jitter: number): number;
  waits?(announced: number): number;
}

/** So many requests of a client, nine retries each. */
function attemptsOf(requests: number, { announces, waits = (told) => told }: Client = {}, seed = 1): AttemptEvent[] {
  const random = new Random(seed);
  return Array.from({ length: requests }, (_, index) => {
    let t = index * 7;
    return Array.from({ length: policy.attempts }, (_, before): AttemptEvent => {
      const attempt = before + 1;
      const jitter = random.uniform('jitter', index, attempt);
      const retryIn = announces?.(attempt, jitter) ?? backoff(attempt, policy, jitter);
      const [, event] = request('a', `bloom-${index}`, [t, t + 5], { attempt });
      t += 5 + waits(retryIn);
      return attempt < policy.attempts ? { ...event, retryIn } : event;
    });
  }).flat();
}

function waitsOf(attempts: readonly AttemptEvent[], of: unknown = settings) {
  const waits = new BackoffWaits();
  waits.begin({ settings: of });
  for (const attempt of attempts) waits.see(attempt);
  return waits.waits();
}

const strays = (attempts: readonly AttemptEvent[]) => {
  const waits = waitsOf(attempts);
  return waits !== undefined && waits.distance > waits.allowed;
};

test('the waits of a client that draws them with full jitter are as uniform as chance has it', () => {
  const waits = waitsOf(attemptsOf(100));
  expect(waits).toMatchObject({ count: 900 });
  expect(waits?.allowed).toBeCloseTo(0.109, 3);
  expect(waits?.distance).toBeLessThan(0.05);
  expect(waits?.median).toBeCloseTo(0.5, 1);
});

test('a client that does as it should is never called one that does not, whatever its seed and however late its timers', () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), fc.nat(500), (seed, requests, late) => {
      expect(strays(attemptsOf(requests, { waits: (told) => told + late }, seed))).toBe(false);
    }),
    { numRuns: 200 },
  );
});

test.each<[string, Client, number]>([
  ['does not wait', { waits: () => 0 }, 0],
  ['announces no wait', { announces: () => 0 }, 0],
  ['waits its whole limit, without jitter', { announces: (attempt) => backoff(attempt, policy, 0) }, 1],
  ['waits the same time after each attempt', { announces: () => 200 }, 0.2],
  ['waits longer and longer, beyond the cap', { announces: (attempt) => 200 * 2 ** (attempt - 1) }, 1],
  ['draws the upper half alone', { announces: (attempt, jitter) => backoff(attempt, policy, jitter / 2) }, 0.75],
])('a client that %s is found out', (_what, client, median) => {
  const waits = waitsOf(attemptsOf(40, client));
  expect(waits?.distance).toBeGreaterThan(waits?.allowed ?? 1);
  expect(waits?.median).toBeCloseTo(median, 1);
});

test('it takes 11 waits to find out the plainest', () => {
  const noJitter = { announces: (attempt: number) => backoff(attempt, policy, 0) };
  const attempts = attemptsOf(2, noJitter);
  const upTo = (count: number) => attempts.filter(({ retryIn }) => retryIn !== undefined).slice(0, count);
  expect([10, 11].map((count) => strays(upTo(count)))).toEqual([false, true]);
});

test('a wait that no attempt followed counts as it was announced', () => {
  const [first] = attemptsOf(1) as [AttemptEvent];
  expect(waitsOf([{ ...first, retryIn: 150 }])).toMatchObject({ count: 1, median: 0.75 });
});

test.each([
  ['the SDK waits by itself', { ...settings, client: 'sdk' }],
  ['there are no limits', { client: 'tempo' }],
  ['the settings are none', null],
])('says nothing where %s', (_what, of) => {
  expect(waitsOf(attemptsOf(10), of)).toBeUndefined();
});

test('a client that asks for the region waits by both counts: what is beyond one of them is left out', () => {
  const [first] = attemptsOf(1) as [AttemptEvent];
  const beyond = [{ ...first, retryIn: 390 }];
  expect(waitsOf(beyond, { ...settings, s3: { region: '' } })).toBeUndefined();
  expect(waitsOf(beyond)).toMatchObject({ count: 1, median: 1 });
});
