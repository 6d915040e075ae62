import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { VirtualClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { connectionRefused } from './connection-refused.ts';
import { effectOf } from './example-effect.ts';

const refused = (start: number, message = 'dial tcp 127.0.0.1:9: connect: connection refused') =>
  request('block', `object-${start}`, [start, start + 1], {
    client: { failure: 'connect', outcome: 'fail', message },
    upstream: 'none',
  }).slice(1);
const answered = (start: number) => request('block', `object-${start}`, [start, start + 10]);

describe('the effect', () => {
  it('is seen by requests that were refused a connection, while none got an answer', () => {
    expect(effectOf('connection-refused', {}, [refused(1000), refused(1001)])).toEqual({
      seen: true,
      acted: 2,
      message: '2 of 2 requests were refused a connection, and none got an answer',
    });
  });

  it('is not seen when one got through', () => {
    expect(effectOf('connection-refused', {}, [refused(1000), answered(1100)])).toMatchObject({
      seen: false,
      acted: 1,
    });
  });

  it('is not seen by connects that failed in another way', () => {
    expect(effectOf('connection-refused', {}, [refused(1000, 'dial tcp 127.0.0.1:9: i/o timeout')])).toMatchObject({
      seen: false,
      acted: 0,
    });
  });
});

it('disables the proxy, and enables it again', async () => {
  const asked: string[] = [];
  const proxy = { disable: async () => void asked.push('disable'), enable: async () => void asked.push('enable') };
  const active = await connectionRefused.inject({
    lease: { proxy } as unknown as Lease,
    parameters: {},
    id: '1-connection-refused',
    seed: 42,
    clock: new VirtualClock(),
    record: () => {},
  });
  expect(await active.evidence()).toEqual({ fired: null, unit: 'requests' });
  expect(asked).toEqual(['disable']);
  expect(await active.heal()).toEqual({ fired: null, unit: 'requests' });
  expect(asked).toEqual(['disable', 'enable']);
});
