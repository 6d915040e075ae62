import { expect, test } from 'vitest';
import type { AttemptEvent, HistoryEvent } from '../history/events.ts';
import { ofType, request, scenario } from './example-history.ts';
import { SteadyFaults } from './steady-faults.ts';

const policy = { dnsTimeout: 1_000, nodeDnsTimeout: 1_000, dialTimeout: 800, tlsHandshakeTimeout: 900 };

/** Faults that began at 100 and were to last for 1000, at a compression of 2. */
function inForce(...faults: { fault: string; with?: unknown; since?: number }[]): SteadyFaults {
  const timeline = faults.map(({ fault }) => ({ fault, for: 2_000 }));
  const steady = new SteadyFaults();
  steady.begin({ ...scenario({ timeline, compression: { time: 2, bytes: 1 } }), settings: { policy } });
  for (const [index, { fault, since = 100, with: parameters = {} }] of faults.entries()) {
    steady.start({ t: since, type: 'fault.start', id: `${index + 1}-${fault}`, fault, with: parameters });
  }
  return steady;
}

function attempt([from, until]: [number, number], how: Partial<AttemptEvent> = { status: 503, code: 'SlowDown' }) {
  const events: HistoryEvent[] = request('a', 'meta.json', [from, until], { client: { outcome: 'fail', ...how } });
  return ofType(events, 'attempt')[0] as AttemptEvent;
}

test('a refusal counts from the start of the fault, as long as the timeline says', () => {
  const steady = inForce({ fault: 's3-error' });
  expect(steady.since(attempt([500, 510]))).toBe(100);
  expect(steady.since(attempt([1_090, 1_100]))).toBe(100);
  // Its heal was late: by then it should have been over.
  expect(steady.since(attempt([1_090, 1_101]))).toBeUndefined();
});

test('nothing is known of what a rate refuses, nor with another fault beside, nor with none', () => {
  expect(inForce({ fault: 'slowdown-rate' }).since(attempt([500, 510]))).toBeUndefined();
  expect(inForce({ fault: 's3-error' }, { fault: 'latency' }).since(attempt([500, 510]))).toBeUndefined();
  expect(inForce().since(attempt([500, 510]))).toBeUndefined();
  // Of two of the kind it may have been the later one.
  expect(inForce({ fault: 's3-error' }, { fault: 'redirect', since: 300 }).since(attempt([500, 510]))).toBe(300);
});

test('what was waited for in vain is no answer; a connection refused at once is one', () => {
  const steady = inForce({ fault: 'connection-refused' });
  const failed = (failure: AttemptEvent['failure'], took: number) =>
    steady.since(attempt([200, 200 + took], { ...(failure && { failure }) }));
  expect(failed('connect', 5)).toBe(100);
  // Half of the shortest timeout.
  expect([failed('connect', 399), failed('connect', 400)]).toEqual([100, undefined]);
  expect([failed('header-timeout', 5), failed('reset', 5)]).toEqual([undefined, undefined]);
});

test('an outage is one that refuses every PutObject, and ends with its heal if that is earlier', () => {
  const outage = (fault: string, parameters: unknown) => inForce({ fault, with: parameters }).outage?.until;
  expect(outage('s3-error', { code: 'SlowDown', when: 'after-body' })).toBe(1_100);
  expect(outage('s3-error', { code: 'SlowDown', operations: ['UploadPart', 'PutObject'] })).toBe(1_100);
  expect(outage('s3-error', { code: 'SlowDown', operations: ['UploadPart'] })).toBeUndefined();
  for (const chosen of [{ probability: 0.9 }, { first: 3 }, { every: 2 }, { key: 'bloom' }]) {
    expect(outage('s3-error', chosen)).toBeUndefined();
  }
  expect(outage('connection-refused', {})).toBeUndefined();
  const cutShort = inForce({ fault: 's3-error' });
  const { outage: fault } = cutShort;
  const ended = { type: 'fault.end', id: '1-s3-error', fault: 's3-error', fired: 1, unit: 'requests' } as const;
  cutShort.end({ ...ended, t: 700, until: 600, healed: true });
  expect([fault?.until, cutShort.outage]).toEqual([600, undefined]);
});
