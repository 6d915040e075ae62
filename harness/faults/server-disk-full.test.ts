import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { Compression } from '../scenario/compression.ts';
import { effectOf } from './example-effect.ts';
import { answered, answeredByRule } from './example-sent-on.ts';
import { injectedOnServer, injectedWithoutServer } from './example-server.ts';
import { objections } from './refused-parameters.ts';
import { serverDiskFull } from './server-disk-full.ts';

const effect = (...events: HistoryEvent[][]) =>
  effectOf('server-disk-full', { free: 9 }, events, { end: { fired: 7 } });

describe('the effect', () => {
  it('is seen by what S3 itself refused, before the write and in it', () => {
    const refused = answered('a', [1100, 1110], 507, 'XMinioStorageFull');
    const failed = answered('b', [1100, 1110], 500, 'InternalError');
    expect(effect(refused, failed, answered('c', [1200, 1210]))).toEqual({
      seen: true,
      acted: 2,
      message: 'S3 refused 2 requests for want of room, 1 of them as XMinioStorageFull',
    });
  });

  it('is not seen in answers of the gateway, nor in other errors of S3', () => {
    const none = {
      seen: false,
      acted: 0,
      message: 'S3 refused none of 1 request for want of room: it needs writes, larger than what is `free`',
    };
    expect(effect(answered('a', [1100, 1110]), answeredByRule('b', [1100, 1110], 507, 'XMinioStorageFull'))).toEqual(
      none,
    );
    expect(effect(answered('a', [1100, 1110], 503, 'SlowDown'))).toEqual(none);
    expect(effect(answered('a', [1100, 1110], 507, 'SlowDown'))).toEqual(none);
    // A rule that answers so once S3 has done what was asked.
    expect(effect(answered('a', [1100, 1110], 200, 'XMinioStorageFull'))).toEqual(none);
  });
});

describe('the server', () => {
  it('has its disk filled, and emptied by the heal', async () => {
    const { server, told, active } = injectedOnServer('server-disk-full', { free: '2MiB' });
    const fault = await active;
    const evidence = { fired: null, unit: 'requests', measured: { free: 2 * 1024 ** 2, disk: 1000 } };
    expect(await fault.evidence()).toEqual(evidence);
    expect(server.inForce()).toEqual(['filled']);
    expect(await fault.heal()).toEqual(evidence);
    expect(server.asked).toEqual([`fill ${2 * 1024 ** 2} at 0`, 'empty at 0']);
    expect(told).toEqual(['filled at 0', 'emptied at 0']);
  });

  it('whose disk cannot be filled is told, and that it was filled is not', async () => {
    const { told, active } = injectedOnServer('server-disk-full', {}, 'fill');
    await expect(active).rejects.toThrow('fill 1048576: refused');
    expect(told).toEqual([]);
  });

  it('has to be one of its own', async () => {
    await expect(injectedWithoutServer('server-disk-full')).rejects.toThrow('needs one of its own');
  });
});

it('leaves some bytes, fewer when blocks are compressed', () => {
  expect(objections('server-disk-full', { free: '0B' })).toHaveLength(1);
  expect(serverDiskFull.compress({ free: 4096 }, new Compression(1, 4))).toEqual({ free: 1024 });
});
