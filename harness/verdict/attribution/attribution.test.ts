import { describe, expect, test } from 'vitest';
import { fault, flush, inOrder, lateness, phase, scenario, WRITER } from '../../checkers/example-history.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { attribute } from './attribution.ts';
import { flushOf, type Request, usualRequests } from './example-flush.ts';
import { hideFaults } from './hide-faults.ts';

const steady = [
  phase('steady-state', 1),
  ...flushOf('s1', 100, usualRequests),
  ...flushOf('s2', 300, usualRequests),
  phase('timeline', 1_000),
];

interface Run {
  compression?: { time: number; bytes: number };
  settings?: object;
}

function history({ compression = { time: 1, bytes: 1 }, settings }: Run, ...events: Parameters<typeof inOrder>) {
  const begin = scenario({ compression });
  return inOrder({ ...begin, ...(settings && { settings }) }, steady, ...events);
}

/** Whom a run is blamed on: `s3/slow 99`, shares in percent, those under 1 left out. */
async function blamed(events: readonly HistoryEvent[]): Promise<string[]> {
  const { blame } = await attribute(events);
  const shares = blame.causes.map(({ side, cause, share }) => [`${side}/${cause}`, Math.round(share * 100)] as const);
  return shares.filter(([, share]) => share > 0).map(([cause, share]) => `${cause} ${share}`);
}

/** A flush that sends what is usual, with each request changed. */
const changed = (change: Request) => usualRequests.map((one) => ({ ...one, ...change }));

const throttled = { outcome: 'fail', status: 503, code: 'SlowDown', retryIn: 400 } as const;
const timedOut = { outcome: 'info', failure: 'header-timeout' } as const;
const reset = { outcome: 'info', failure: 'reset' } as const;
const failed = { outcome: 'fail', error: 'x' } as const;
const expired = { deadlineExceeded: true };

describe('who is to blame for a flush', () => {
  test('that took as long as usual: nobody, and it is not counted', async () => {
    const { blame, waterfalls } = await attribute(history({}, flushOf('a', 2_000, usualRequests)));
    expect(blame).toEqual({ lostMs: 0, flushes: 0, causes: [] });
    expect(waterfalls).toEqual([]);
  });

  const slow: [string, Request, string[]][] = [
    ['S3 that answers late', { s3: 2_000 }, ['s3/slow 100']],
    ['S3 that takes the body slowly', { blocked: 2_000 }, ['s3/slow 100']],
    ['the pool of the client', { socket: 2_000 }, ['client/pool 100']],
    ['looking the name up', { dns: 2_000 }, ['network/dns 100']],
    ['connecting', { connect: 2_000 }, ['network/connect 100']],
    ['TLS handshakes', { tls: 2_000 }, ['network/tls 100']],
    ['the local disk', { disk: 2_000 }, ['machine/disk 100']],
    ['the shared uplink', { uplink: 2_000 }, ['network/bandwidth 100']],
    ['requests and answers that are all later', { way: 1_000, answer: 1_000 }, ['network/latency 100']],
    ['the work of the writer between requests', { after: 2_000 }, ['machine/disk 100']],
  ];
  test.each(slow)('that was slow for %s', async (_what, change, expected) => {
    expect(await blamed(history({}, flushOf('a', 2_000, changed(change))))).toEqual(expected);
  });

  test('whose large bodies alone were late: bandwidth, less what small ones were late', async () => {
    const [data, ...small] = usualRequests;
    const requests = [{ ...data, way: 1_010 }, ...small.map((one) => ({ ...one, way: 101 }))];
    const { blame } = await attribute(history({}, flushOf('a', 2_000, requests)));
    expect(blame.causes.map(({ cause, ms }) => [cause, Math.round(ms / 50) * 50])).toEqual([
      ['bandwidth', 900],
      ['latency', 300],
    ]);
  });

  const tries = (client: Request['client'], how: Request = {}): Request[] => [
    ...[1, 2, 3].map((attempt) => ({
      bytes: 5_000_000,
      way: 10,
      ...how,
      client: { ...client, attempt, retryIn: 400 },
      after: attempt === 1 ? 0 : 400,
    })),
    { ...(usualRequests[0] as Request), after: 400 },
    ...usualRequests.slice(1),
  ];
  const failing: [string, Request['client'], Request, string[]][] = [
    ['503', throttled, {}, ['s3/throttled 100']],
    ['500', { outcome: 'fail', status: 500, code: 'InternalError' }, {}, ['s3/error 100']],
    ['a reset on the way', reset, { unseen: true }, ['network/reset 100']],
    ['a reset after S3 had it', reset, { edge: { cut: 'client' } }, ['network/reset 100']],
    ['a connection that S3 ended', reset, { edge: { cut: 'upstream' } }, ['s3/error 100']],
    ['no answer from S3, which had it whole', timedOut, { s3: 3_000, unanswered: true }, ['s3/silent 100']],
    ['no answer, and S3 never saw it', timedOut, { s3: 3_000, unseen: true }, ['network/latency 100']],
    ['an answer that did not come through', timedOut, { answer: 3_000 }, ['network/latency 100']],
    [
      'a body that stopped on the way',
      timedOut,
      { s3: 3_000, edge: { bodyEnd: 99_999, answerStart: 99_999 } },
      ['network/bandwidth 100'],
    ],
    [
      'a name that was not found',
      { outcome: 'fail', failure: 'dns', phases: {} },
      { unseen: true },
      ['network/dns 100'],
    ],
    [
      'a connection that was refused',
      { outcome: 'fail', failure: 'connect', phases: {} },
      { unseen: true },
      ['network/connect 100'],
    ],
    ['a disk that could not be read', { outcome: 'fail', failure: 'disk' }, { unseen: true }, ['machine/disk 100']],
  ];
  test.each(failing)(
    'whose attempts failed by %s, with the waits between them',
    async (_what, client, how, expected) => {
      const { blame } = await attribute(history({}, flushOf('a', 2_000, tries(client, how))));
      expect(await blamed(history({}, flushOf('a', 2_000, tries(client, how))))).toEqual(expected);
      expect(blame.lostMs).toBeGreaterThanOrEqual(1_200);
    },
  );

  test('whose body was slow to send each time before S3 threw it away: both', async () => {
    const slowly = tries(throttled, { way: 800 });
    expect(await blamed(history({}, flushOf('a', 2_000, slowly)))).toEqual(['network/bandwidth 66', 's3/throttled 34']);
  });

  test('that failed: the wait for the next one is due to what failed it', async () => {
    const attempts = Array.from({ length: 10 }, (_, index): Request => {
      const { retryIn: _last, ...last } = throttled;
      return {
        way: 1,
        s3: 9,
        client: { ...(index < 9 ? throttled : last), attempt: index + 1 },
        after: index === 0 ? 0 : 400,
      };
    });
    const { blame } = await attribute(
      history({}, flushOf('a', 2_000, attempts, { ...failed, retryIn: 30_000, tail: 100 })),
    );
    expect(blame).toMatchObject({ flushes: 1, causes: [{ cause: 'throttled', share: 1 }] });
    expect(Math.round(blame.lostMs)).toBe(10 * 10 + 9 * 400 + 100 + 30_000);
  });

  test('that failed though no attempt did: what it was to send could not be read', async () => {
    const read = flushOf('a', 2_000, [], { ...failed, tail: 5, retryIn: 30_000, error: 'EIO: i/o error, read' });
    expect(await blamed(history({}, read))).toEqual(['machine/disk 100']);
    const stopped = flushOf('a', 2_000, [], { ...failed, tail: 5, error: 'context canceled' });
    expect(await blamed(history({}, stopped))).toEqual([]);
  });

  test('whose process stood still: its CPU, but for what S3 did meanwhile', async () => {
    const standsStill: HistoryEvent = {
      ...lateness(5_100, 3_100, 'subject'),
      intervalMs: 3_100,
      writer: WRITER,
    } as HistoryEvent;
    const late = flushOf('a', 2_000, changed({ answer: 1_000 }));
    expect(await blamed(history({}, late, standsStill))).toEqual(['machine/cpu 100']);
    const other = { ...standsStill, writer: 'ingester-9' } as HistoryEvent;
    expect(await blamed(history({}, late, other))).toEqual(['network/latency 100']);
  });

  test('whose process stood still now and then while it waited for the network: the network, but for what it noticed late', async () => {
    const still = (t: number): HistoryEvent =>
      ({ ...lateness(t, 450, 'subject'), totalMs: 450, intervalMs: 500, writer: WRITER }) as HistoryEvent;
    // From 2.5 s to 32.5 s it tries to connect, and stands still for nine tenths of that; the last report is of the end.
    const times = Array.from({ length: 60 }, (_, index) => still(3_000 + index * 500));
    const [data, ...rest] = usualRequests as [Request, ...Request[]];
    const hung = flushOf('a', 2_500, [{ ...data, connect: 30_000 }, ...rest]);
    expect(await blamed(history({}, hung, ...times))).toEqual(['network/connect 99', 'machine/cpu 2']);
    // What it sends itself it cannot while it stands still.
    const sending = flushOf('a', 2_500, [{ ...data, way: 30_000 }, ...rest]);
    expect((await blamed(history({}, sending, ...times)))[0]).toMatch(/^machine\/cpu 9\d$/);
  });

  test('that waited for its writer’s only queue: the client, where Tempo would have had more of them', async () => {
    const few = { settings: { policy: { concurrentFlushes: 1 } } };
    const usual = { settings: { policy: { concurrentFlushes: 4 } } };
    const first = flushOf('a', 2_000, changed({ s3: 1_000 }));
    const [, start] = flushOf('b', 5_100, usualRequests);
    const second = [...flushOf('b', 5_100, usualRequests)].map((event) =>
      event.type === 'block.cut' ? { ...event, t: 2_100 } : event,
    );
    expect(start?.type).toBe('flush.start');
    expect(await blamed(history(few, first, second))).toEqual(['s3/slow 50', 'client/concurrency 50']);
    expect(await blamed(history(usual, first, second))).toEqual(['s3/slow 99', 'client/concurrency 1']);
  });
});

describe('a deadline', () => {
  const minutes = 60_000;

  test('is due to what took its time', async () => {
    const hung = [
      ...usualRequests.slice(0, 2),
      {
        name: 'meta.json',
        way: 1,
        s3: 5 * minutes - 60,
        unanswered: true,
        client: { outcome: 'info', failure: 'deadline' },
      } as Request,
    ];
    expect(await blamed(history({}, flushOf('a', 2_000, hung, expired)))).toEqual(['s3/slow 100']);
  });

  test('is due to itself when it is shorter than Tempo’s and the flush was getting there', async () => {
    const [data, index] = changed({ s3: 40_000 }) as [Request, Request];
    const cutOff: Request = {
      name: 'meta.json',
      way: 1,
      s3: 10_000,
      unanswered: true,
      client: { outcome: 'info', failure: 'deadline' },
    };
    expect(await blamed(history({}, flushOf('a', 2_000, [data, index, cutOff], expired)))).toEqual([
      'client/deadline 100',
    ]);
  });

  test('is not, when the flush would not have got through within Tempo’s either', async () => {
    const [data] = changed({ s3: 120_000 }) as [Request];
    const cutOff: Request = {
      name: 'index',
      way: 1,
      s3: 30_000,
      unanswered: true,
      client: { outcome: 'info', failure: 'deadline' },
    };
    expect(await blamed(history({}, flushOf('a', 2_000, [data, cutOff], expired)))).toEqual(['s3/slow 100']);
  });

  test('is due to itself when next to nothing was lost to trouble', async () => {
    const cutOff: Request = {
      name: 'meta.json',
      way: 1,
      s3: 5,
      unanswered: true,
      client: { outcome: 'info', failure: 'deadline' },
    };
    expect(await blamed(history({}, flushOf('a', 2_000, [...usualRequests.slice(0, 2), cutOff], expired)))).toEqual([
      'client/deadline 100',
    ]);
  });
});

describe('a request that was given up', () => {
  const { retryIn: _none, ...last } = throttled;
  const twice: Request[] = [
    { way: 1, s3: 9, client: { ...throttled, attempt: 1 } },
    { way: 1, s3: 9, after: 400, client: { ...last, attempt: 2 } },
  ];
  const givenUp = flushOf('a', 2_000, twice, { ...failed, retryIn: 30_000 });

  test('before Tempo would, while S3 answered soon after: the client', async () => {
    expect(await blamed(history({}, givenUp, flushOf('b', 20_000, usualRequests)))).toEqual(['client/attempts 100']);
  });

  test('before Tempo would, in an outage that Tempo would not have outlived either: S3', async () => {
    expect(await blamed(history({}, givenUp, flushOf('b', 90_000, usualRequests)))).toEqual(['s3/throttled 100']);
  });
});

test('durations are of the config’s time', async () => {
  const slow = flushOf('a', 2_000, changed({ s3: 2_000 }));
  const [once, tenfold] = await Promise.all([
    attribute(history({}, slow)),
    attribute(history({ compression: { time: 10, bytes: 1 } }, slow)),
  ]);
  expect(tenfold.blame.lostMs).toBeCloseTo(once.blame.lostMs * 10);
  expect(tenfold.waterfalls[0]).toMatchObject({ block: 'a', attempt: 1, outcome: 'ok', durationMs: 60_200 });
});

test('a flush that never ended, in a process that did, is not counted', async () => {
  const begun = flushOf('a', 2_000, changed({ s3: 5_000 })).filter(({ type }) => type !== 'flush.end');
  const again = flushOf('a', 60_000, usualRequests);
  expect((await attribute(history({}, begun, again))).blame.flushes).toBe(0);
});

test('knows nothing of faults: without what only their injector knows, the blame is the same', async () => {
  const told = history(
    {},
    fault('1-slow-first-byte', [1_500, 9_000]),
    flushOf('a', 2_000, changed({ s3: 2_000, edge: { rule: '1-slow-first-byte', heldMs: 2_000, flipped: 3 } })),
    flushOf('b', 3_000, [
      { way: 1, client: { ...reset, retryIn: 100 }, edge: { cut: 'rule', rule: 'x' } },
      { after: 100, s3: 5 },
    ]),
    flush('c', 9_000),
  );
  const hidden = hideFaults(told);
  expect(JSON.stringify(hidden)).not.toMatch(/slow-first-byte|heldMs|flipped|"rule"/);
  expect(hidden.length).toBe(told.length - 2);
  expect(await attribute(hidden)).toEqual(await attribute(told));
});

test('a history without a scenario is refused', async () => {
  await expect(attribute([phase('timeline', 1)])).rejects.toThrow('no scenario event');
});
