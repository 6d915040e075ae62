import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { inOrder, ofType } from '../../checkers/example-history.ts';
import type { AttemptEvent, EdgeEvent } from '../../history/events.ts';
import { cutAttempt } from './attempt-pieces.ts';
import { type Request, requestOf } from './example-flush.ts';
import { seenEdge } from './seen-edge.ts';

function cutOf(how: Request): Record<string, number> {
  const events = inOrder(requestOf('a', 1_000, how));
  const [attempt] = ofType(events, 'attempt');
  const [edge] = ofType(events, 'edge');
  const lengths: Record<string, number> = {};
  for (const { piece, from, until } of cutAttempt(attempt as AttemptEvent, edge && seenEdge(edge))) {
    lengths[piece] = (lengths[piece] ?? 0) + until - from;
  }
  return lengths;
}

describe('an attempt is cut', () => {
  test('where one vantage point saw it and the next one did not yet', () => {
    const took = { dns: 2, connect: 3, tls: 4, disk: 5, way: 6, uplink: 7, s3: 8, answer: 9 };
    expect(cutOf({ socket: 1, ...took })).toEqual({ pool: 1, ...took });
  });

  test('so that what S3 did not take in of the body is S3 at work', () => {
    expect(cutOf({ way: 10, blocked: 30, s3: 5 })).toEqual({ way: 10, s3: 35 });
  });

  test('and was on its way to its end when the S3 edge never saw it', () => {
    expect(cutOf({ disk: 3, way: 10, s3: 60, unseen: true })).toEqual({ disk: 3, way: 70 });
  });

  test('and was S3 at work to its end when S3 had it whole and did not answer', () => {
    expect(cutOf({ way: 10, s3: 60_000, unanswered: true })).toEqual({ way: 10, s3: 60_000 });
  });

  test('and was on its way back when S3 had answered and the client had nothing of it', () => {
    expect(cutOf({ way: 10, s3: 5, answer: 60_000 })).toEqual({ way: 10, s3: 5, answer: 60_000 });
  });

  test('and what the S3 edge saw after the client had given up is no part of it', () => {
    expect(cutOf({ way: 10, edge: { bodyEnd: 5_000, answerStart: 6_000, t: 6_000 } })).toEqual({ way: 10 });
  });

  test('and an error that came before the body was in leaves the rest of the body to nobody', () => {
    const early = { start: 1_002, wire: { first: 1_001, last: 1_006 }, bodyEnd: 1_040, answerStart: 1_010 };
    expect(cutOf({ way: 30, answer: 20, edge: early })).toEqual({ way: 6, s3: 4, answer: 40 });
  });

  test.each(['dns', 'connect', 'tls'] as const)('and one that got no further is all %s', (failure) => {
    const { bytesSent: _none, ...client } = { phases: {}, failure, outcome: 'fail', bytesSent: 0 } as const;
    expect(cutOf({ way: 500, unseen: true, client })).toEqual({ [failure]: 500 });
  });
});

test('its pieces follow one another and sum to it, whatever the vantage points say', () => {
  const moment = fc.double({ min: 900, max: 2_100, noNaN: true });
  const length = fc.double({ min: 0, max: 1_500, noNaN: true });
  const phases = fc.record(
    { socket: length, dns: length, connect: length, tls: length, send: length, diskRead: length, wait: length },
    { requiredKeys: [] },
  );
  const edges = fc.option(
    fc.record(
      {
        start: moment,
        wire: fc.record({ first: moment, last: moment }),
        bodyEnd: moment,
        answerStart: moment,
        upstream: fc.record({ start: moment, end: moment, blockedMs: length }),
      },
      { requiredKeys: ['start'] },
    ),
  );
  fc.assert(
    fc.property(phases, edges, length, (seenByClient, edge, took) => {
      const [attempt] = ofType(requestOf('a', 1_000, { client: { phases: seenByClient, t: 1_000 + took } }), 'attempt');
      const stretches = cutAttempt(attempt as AttemptEvent, edge ? seenEdge(edge as EdgeEvent) : undefined);
      let at = 1_000;
      for (const { from, until } of stretches) {
        expect(from).toBe(at);
        expect(until).toBeGreaterThan(from);
        at = until;
      }
      expect(at).toBe(1_000 + took);
    }),
  );
});
