import { expect, test } from 'vitest';
import { effects } from '../faults/catalogue.ts';
import { type EffectContext, keptForEffect } from '../faults/effect.ts';
import { connect, query } from '../faults/example-look-up.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Random } from '../random.ts';
import { check, fault, inOrder, lateness, phase, request, scenario } from './example-history.ts';
import { faultFired } from './fault-fired.ts';

const plain = faultFired({});
const messages = (events: ReturnType<typeof inOrder>, checker = plain) =>
  check(checker, events).map(({ verdict, message }) => `${verdict}: ${message}`);

test('a fault that acted passes, with its count', () => {
  expect(messages(fault('1-s3-error', [10, 20], { fired: 3 }))).toEqual(['pass: fault 1-s3-error acted on 3 requests']);
  expect(messages(fault('1-dns-failure', [10, 20], { fired: 1, unit: 'queries' }))).toEqual([
    'pass: fault 1-dns-failure acted on 1 query',
  ]);
});

test('one that did not says what there was to act on', () => {
  const events = inOrder(
    request('a', 'data', [1, 5]),
    fault('1-dns-failure', [10, 20], { fired: 0, unit: 'queries' }),
    request('a', 'data', [8, 12], { client: { reused: true, connection: 1 } }),
    request('a', 'index', [13, 18], { client: { reused: true, connection: 1 } }),
    request('a', 'meta.json', [19, 25]),
    request('a', 'meta.json', [30, 35]),
  );
  expect(messages(events)).toEqual([
    'inconclusive: fault 1-dns-failure never took effect (0 queries): 3 attempts passed while it was active, 1 over a new connection and 2 over one that the pool had kept open',
  ]);
  expect(messages(fault('1-latency', [10, 20], { fired: 0, unit: 'bytes' }))[0]).toContain('it needs load');
});

test('each fault of several has to have fired', () => {
  const events = inOrder(fault('1-latency', [10, 20]), fault('2-s3-error', [12, 22], { fired: 0 }));
  expect(check(plain, events).map(({ verdict }) => verdict)).toEqual(['pass', 'inconclusive']);
});

test('a heal that failed is a fail, an end that is missing is not known', () => {
  expect(messages(fault('1-latency', [10, 20], { healed: false, error: 'Toxiproxy is gone' }))).toEqual([
    'fail: fault 1-latency could not be healed: Toxiproxy is gone',
  ]);
  expect(messages(fault('1-latency', [10, 20]).slice(0, 1))[0]).toMatch(/^inconclusive: .*cut short/);
});

test('a fault of the timeline that was not injected is missed', () => {
  const events = inOrder(scenario({ timeline: [{}, {}] }), fault('1-latency', [10, 20]));
  expect(messages(events)).toEqual([
    'pass: fault 1-latency acted on 1 request',
    'inconclusive: the timeline has 2 faults, and 1 was injected: the run ended before',
  ]);
});

test('one with a probability has to have acted on what the seed draws', () => {
  const rule = '1-s3-error';
  const random = new Random(42);
  const run = (acts: (drawn: boolean) => boolean) => {
    const faulted = fault(rule, [10, 100], { fired: 3 }).map(
      (event): HistoryEvent => (event.type === 'fault.start' ? { ...event, with: { probability: 0.5 } } : event),
    );
    const requests = Array.from({ length: 8 }, (_, place) => {
      const [edge, attempt] = request('a', `bloom-${place}`, [20 + place, 30 + place]);
      const drawn = random.uniform(rule, edge.operation, edge.key, 0, 1) < 0.5;
      return [{ ...edge, judged: [{ rule, n: 1, acts: acts(drawn) }] }, attempt];
    });
    return messages(inOrder(scenario(), faulted, ...requests))[0];
  };
  expect(run((drawn) => drawn)).toBe('pass: fault 1-s3-error acted on 3 requests');
  expect(run((drawn) => !drawn)).toContain(
    'inconclusive: fault 1-s3-error acted on 3 requests, but 8 of its 8 decisions are not those that the seed draws with probability 0.5: PutObject',
  );
});

test('without a fault none had to fire', () => {
  expect(messages([scenario()])).toEqual(['pass: the timeline has no fault: none had to fire']);
});

test("the fault's own check sees the attempts of its time, and those of before, and can refuse", () => {
  const contexts: EffectContext[] = [];
  const checker = faultFired({
    latency: (context) => {
      contexts.push(context);
      return { seen: false, message: '3ms measured of 500ms due' };
    },
  });
  const before = request('a', 'data', [1, 5]);
  const into = request('a', 'data', [8, 12]);
  const within = request('a', 'index', [13, 18], { client: { reused: true } });
  const beyond = request('a', 'meta.json', [19, 25]);
  const after = request('a', 'meta.json', [30, 35]);
  const events = inOrder(before, fault('1-latency', [10, 20]), into, within, beyond, after);
  expect(messages(events, checker)).toEqual([
    'inconclusive: fault 1-latency acted on 1 request, but its effect was not seen: 3ms measured of 500ms due',
  ]);
  const [context] = contexts;
  const ids = [into, within, beyond].map(([, { id }]) => id);
  expect(context?.attempts.map(({ id }) => id)).toEqual(ids);
  expect(context?.before).toEqual([before[1]]);
  expect([...(context?.edges.keys() ?? [])]).toEqual([before[1].id, ...ids]);
  expect(context?.connections).toEqual({ opened: 1, pooled: 1 });
  expect(context?.compression).toEqual({ time: 1, bytes: 1 });
});

test("the fault's own check sees what it did to the writers' process while it was being injected, and how late that was", () => {
  const contexts: EffectContext[] = [];
  const checker = faultFired({
    'writer-pause': (context) => {
      contexts.push(context);
      return { seen: true, message: '' };
    },
  });
  const process = (what: 'paused' | 'resumed', t: number, rule: string): HistoryEvent => ({
    t,
    type: 'writer.process',
    what,
    writers: ['w'],
    rule,
  });
  const paused = process('paused', 9, '2-writer-pause');
  const resumed = process('resumed', 19, '2-writer-pause');
  const late = { ...lateness(21, 10, 'subject'), intervalMs: 12 };
  check(
    checker,
    inOrder(
      [process('paused', 2, '1-writer-pause')],
      fault('1-writer-pause', [3, 4]),
      // Of a fault whose start has yet to come.
      [process('paused', 8, '3-writer-pause'), paused],
      fault('2-writer-pause', [10, 20]),
      [resumed, late, lateness(600, 10, 'subject')],
    ),
  );
  expect(contexts.map(({ events }) => events)).toEqual([
    [process('paused', 2, '1-writer-pause')],
    [paused, resumed, late],
  ]);
});

test("the fault's own check sees what it did before its start was told, from the first thing that names it on", () => {
  const contexts: EffectContext[] = [];
  const checker = faultFired({
    's3-error': (context) => {
      contexts.push(context);
      return { seen: true, message: '' };
    },
  });
  const id = '1-s3-error';
  const before = request('a', 'data', [1, 5]);
  const other = request('a', 'index', [6, 9], { edge: { rule: '2-s3-error' } });
  const ruled = request('a', 'meta.json', [12, 14], { edge: { rule: `2-corrupt-body+${id}` } });
  const passed = request('b', 'data', [11, 13], { edge: { judged: [{ rule: id, n: 1, acts: false }] } });
  check(checker, inOrder(before, other, ruled, passed, fault(id, [20, 30])));
  expect(contexts.map(({ actedFrom }) => actedFrom)).toEqual([11]);
  const [context] = contexts;
  expect(context?.attempts.map(({ id }) => id)).toEqual([passed, ruled].map(([, attempt]) => attempt.id));
  expect([...(context?.edges.values() ?? [])]).toEqual(expect.arrayContaining([passed[0], ruled[0]]));
  expect(context?.connections).toEqual({ opened: 0, pooled: 0 });

  check(checker, inOrder(before, other, fault(id, [20, 30])));
  expect(contexts[1]).toMatchObject({ actedFrom: 20, attempts: [] });
});

test('a fault of DNS is seen by the look-ups that failed before its start was told', () => {
  const rule = '1-dns-failure';
  const failed = [query(12, { answer: 'SERVFAIL', rule }), connect(11, 3, { failure: 'dns' })];
  const events = inOrder(failed, fault(rule, [600, 700], { fired: 1, unit: 'queries' }), connect(710, 2));
  expect(messages(events, faultFired(effects))).toEqual([
    'pass: fault 1-dns-failure acted on 1 query; 1 query was affected, and 1 of 1 connect failed for it',
  ]);
  const without = events.map((event) => (event.type === 'dns.query' ? query(12) : event));
  expect(messages(without, faultFired(effects))[0]).toMatch(/^inconclusive/);
});

test('one that did not fire is explained by its own check', () => {
  const checker = faultFired({ latency: () => ({ seen: false, message: 'the name was never looked up' }) });
  expect(messages(fault('1-latency', [10, 20], { fired: 0 }), checker)).toEqual([
    'inconclusive: fault 1-latency never took effect (0 requests): the name was never looked up',
  ]);
});

test('does not keep more attempts than an effect needs, but counts all', () => {
  const contexts: EffectContext[] = [];
  const checker = faultFired({
    latency: (context) => {
      contexts.push(context);
      return { seen: true, message: '' };
    },
  });
  const many = Array.from({ length: keptForEffect + 5 }, (_, index) => request('a', `object-${index}`, [11, 12]));
  check(checker, inOrder(fault('1-latency', [10, 20]), ...many));
  expect(contexts[0]?.attempts).toHaveLength(keptForEffect);
  expect(contexts[0]?.connections.opened).toBe(keptForEffect + 5);
});

test('a fault that cannot count where it acts is counted by its effect', () => {
  const uncounted = fault('1-latency', [10, 20], { fired: null });
  const acting = (acted?: number) =>
    faultFired({ latency: () => ({ seen: true, message: '500ms', ...(acted === undefined ? {} : { acted }) }) });
  expect(check(acting(3), uncounted)).toEqual([
    {
      checker: 'fault-fired',
      verdict: 'pass',
      message: 'fault 1-latency acted on 3 requests; 500ms',
      fault: { id: '1-latency', fired: 3 },
    },
  ]);
  expect(check(acting(0), uncounted)[0]?.verdict).toBe('inconclusive');
  expect(check(acting(), uncounted)[0]?.verdict).toBe('inconclusive');
  expect(check(plain, uncounted)[0]?.verdict).toBe('inconclusive');
});

test('a fault that could not be injected says why', () => {
  const refused = fault('1-latency', [10, 10], { fired: 0, error: 'it could not be injected: Toxiproxy is gone' });
  expect(messages(refused)).toEqual([
    'inconclusive: fault 1-latency never took effect: it could not be injected: Toxiproxy is gone',
  ]);
});

test('what a fault came to beyond what was asked for is told of a pass too, with the moments of the timeline', () => {
  const zeros: number[] = [];
  const checker = faultFired({
    latency: ({ zero }) => {
      zeros.push(zero);
      return { seen: true, message: '500ms', note: 'a writer could not start' };
    },
  });
  expect(check(checker, inOrder(phase('timeline', 7), fault('1-latency', [10, 20])))).toEqual([
    {
      checker: 'fault-fired',
      verdict: 'pass',
      message: 'fault 1-latency acted on 1 request; 500ms',
      fault: { id: '1-latency', fired: 1 },
    },
    { checker: 'fault-fired', verdict: 'pass', message: 'a writer could not start', note: true },
  ]);
  expect(zeros).toEqual([7]);
});
