import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { connectionReset } from './connection-reset.ts';
import { effectOf } from './example-effect.ts';

const lost = (start: number, client: object = {}) =>
  request('block', `object-${start}`, [start, start + 10], {
    client: { failure: 'reset', outcome: 'info', ...client },
    upstream: 'none',
  }).slice(1);
const answered = (start: number, end = start + 10) => request('block', `object-${start}`, [start, end]);
const effect = (...happened: ReturnType<typeof lost>[]) => effectOf('connection-reset', { after: 0 }, happened);

describe('the effect', () => {
  it('is seen by requests and handshakes whose connection was lost, while none got an answer', () => {
    expect(effect(lost(1000), lost(1500, { failure: 'tls' }), lost(1700, { failure: 'connect' }))).toEqual({
      seen: true,
      acted: 2,
      message: '2 of 3 requests had their connection reset, and none got an answer',
    });
  });

  it('is not seen when one got through, whatever became of the others', () => {
    expect(effect(lost(1000), answered(1500))).toEqual({
      seen: false,
      acted: 1,
      message: 'of 2 requests that began while it was in force, 1 got an answer, where nothing should have got through',
    });
  });

  it('is not seen when one came to S3, which another fault kept from answering', () => {
    const cameToS3 = (start: number, edge: object = {}) =>
      request('block', `object-${start}`, [start, start + 10], {
        client: { failure: 'reset', outcome: 'info' },
        upstream: 'none',
        edge,
      });
    expect(effect(lost(1000), cameToS3(1500))).toEqual({
      seen: false,
      acted: 0,
      message: 'of 2 requests that began while it was in force, 1 came to S3, where nothing should have got through',
    });
    // It began in force, and came there when it was healed.
    expect(effect(lost(1000), cameToS3(1500, { start: 2001 }))).toMatchObject({ seen: true });
  });

  it('is not disproved by requests that a stale name led to another S3, past the path', () => {
    const elsewhere = request('block', 'elsewhere', [1500, 1510], {
      answered: { status: 403, code: 'InvalidAccessKeyId' },
      upstream: 'unseen',
      edge: { rule: 'wrong-s3' },
    });
    expect(effect(lost(1000), elsewhere)).toMatchObject({ seen: true, acted: 1 });
  });

  it('is not seen when none was lost', () => {
    expect(effect(lost(1000, { failure: 'dns' }))).toEqual({
      seen: false,
      acted: 0,
      message: 'of 1 request that began while it was in force, none had their connection reset',
    });
  });

  it('is told by requests that began while it was in force, and answers that came while it was', () => {
    expect(effect(lost(999), answered(990, 1005))).toEqual({
      seen: false,
      acted: 0,
      message: 'no request began while it was in force; it needs load',
    });
    const onceHealed = request('block', 'healed', [1990, 2005], { edge: { start: 2001 } });
    expect(effect(lost(1000), onceHealed)).toMatchObject({ seen: true, acted: 1 });
  });

  it('ends when its healing begins, not when that is over', () => {
    const end = { until: 1600, t: 2000 };
    expect(effectOf('connection-reset', { after: 0 }, [lost(1000), answered(1700)], { end })).toMatchObject({
      seen: true,
    });
    expect(effectOf('connection-reset', { after: 0 }, [lost(1700)], { end })).toMatchObject({ seen: false, acted: 0 });
  });
});

it('is compressed in time', () => {
  expect(connectionReset.compress({ after: 1000 }, new Compression(20, 100))).toEqual({ after: 50 });
  expect(() => connectionReset.compress({ after: 10 }, new Compression(20, 100))).toThrow('after: 10ms divided by');
});
