import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { answered, answeredByRule, unanswered } from './example-sent-on.ts';
import { injectedOnServer, injectedWithoutServer } from './example-server.ts';
import { HalfInjectedError } from './half-injected.ts';
import { objections } from './refused-parameters.ts';
import { serverThrottled } from './server-throttled.ts';

const effect = (...events: HistoryEvent[][]) =>
  effectOf('server-throttled', { requests: 1 }, events, { end: { fired: 7 } });

describe('the effect', () => {
  it('is seen by what S3 itself throttled, at once or after a wait', () => {
    const atOnce = answered('a', [1100, 1102], 429, 'TooManyRequests');
    const later = answered('b', [1100, 1400], 503, 'SlowDownWrite');
    expect(effect(atOnce, later, answered('c', [1100, 1110]))).toEqual({
      seen: true,
      acted: 2,
      message: 'S3 throttled 2 requests (429 TooManyRequests, 503 SlowDownWrite), after 2ms at the median',
    });
  });

  it('is not seen in answers of the gateway, in a restart, or in other errors of S3', () => {
    const none = {
      seen: false,
      acted: 0,
      message: 'S3 throttled none of 1 request: it needs more requests at the same time',
    };
    expect(effect(answered('a', [1100, 1110]), answeredByRule('b', [1100, 1110], 503, 'SlowDown'))).toEqual(none);
    expect(effect(unanswered('a', [1100, 1110], 'reset', 'ECONNREFUSED'))).toEqual(none);
    expect(effect(answered('a', [1100, 1110], 503, 'XMinioServerNotInitialized'))).toEqual(none);
    expect(effect(answered('a', [1100, 1110], 500, 'SlowDown'))).toEqual(none);
  });
});

describe('the server', () => {
  it('is restarted with the settings, and without them by the heal', async () => {
    const { clock, server, told, active } = injectedOnServer('server-throttled', { requests: 2, deadline: '1500ms' });
    const fault = await clock.run(active);
    expect(await fault.evidence()).toEqual({ fired: null, unit: 'requests' });
    expect(await clock.run(fault.heal())).toEqual({ fired: null, unit: 'requests' });
    expect(server.asked).toEqual([
      'end stop at 0',
      'start {"MINIO_API_REQUESTS_MAX":"2","MINIO_API_REQUESTS_DEADLINE":"1500ms"} at 300',
      'end stop at 300',
      'start at 600',
    ]);
    expect(told).toEqual(['ended at 0', 'started at 300', 'ended at 300', 'started at 600']);
  });

  it('that does not start with the settings is started without', async () => {
    const { clock, server, active } = injectedOnServer('server-throttled', { requests: 2 }, 'start');
    await expect(clock.run(active)).rejects.toThrow(/^start .*: refused$/);
    expect(server.asked).toEqual(['end stop at 0', 'start {"MINIO_API_REQUESTS_MAX":"2"} at 300', 'start at 600']);
    expect(server.inForce()).toEqual([]);
  });

  it('that does not start at all is in force still', async () => {
    const { clock, server, active } = injectedOnServer('server-throttled', { requests: 2 }, 'start');
    await clock.advance(300);
    server.refused.add('start');
    await expect(clock.run(active)).rejects.toBeInstanceOf(HalfInjectedError);
    expect(server.inForce()).toEqual(['ended']);
  });

  it('that cannot be ended is left as it is', async () => {
    const { clock, server, told, active } = injectedOnServer('server-throttled', { requests: 2 }, 'end');
    await expect(clock.run(active)).rejects.toThrow('end stop: refused');
    expect([server.inForce(), told.at(-1)]).toEqual([[], 'started at 300']);
  });

  it('has to be one of its own', async () => {
    await expect(injectedWithoutServer('server-throttled')).rejects.toThrow('needs one of its own');
  });
});

it('takes whole requests, one at least, and a deadline that is compressed', () => {
  expect(objections('server-throttled', {})).toHaveLength(1);
  expect(objections('server-throttled', { requests: 0 })).toHaveLength(1);
  expect(objections('server-throttled', { requests: 1.5 })).toHaveLength(1);
  expect(objections('server-throttled', { requests: 1, deadline: '0s' })).toHaveLength(1);
  const compression = new Compression(20, 1);
  expect(serverThrottled.compress({ requests: 3, deadline: 1000 }, compression)).toEqual({ requests: 3, deadline: 50 });
  expect(serverThrottled.compress({ requests: 3 }, compression)).toEqual({ requests: 3 });
});
