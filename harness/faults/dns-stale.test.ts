import { describe, expect, it } from 'vitest';
import { request } from '../checkers/example-history.ts';
import { Compression } from '../scenario/compression.ts';
import { dnsStale } from './dns-stale.ts';
import { effectOf } from './example-effect.ts';
import { connect, query } from './example-look-up.ts';

const rule = '1-dns-stale';
const wrong = '127.99.1.2';
const led = (t: number) => query(t, { rule, addresses: [wrong] });
const nowhere = dnsStale.parameters.parse({});
const wrongS3 = dnsStale.parameters.parse({ leads: 'wrong-s3' });
const refused = (start: number, address: string) => ({
  ...connect(start, 2, { message: `dial tcp ${address}:9000: connect: connection refused` }),
  failure: 'connect' as const,
});
/** Answered by another S3, over a new connection or one that was kept. */
const strange = (start: number, reused = false, edgeRule: string | undefined = 'wrong-s3') =>
  request('block', `object-${start}`, [start, start + 10], {
    upstream: 'unseen',
    answered: { status: 403, code: 'InvalidAccessKeyId' },
    client: { reused, phases: reused ? { wait: 5 } : { socket: 0, dns: 2, connect: 1, wait: 5 } },
    edge: edgeRule === undefined ? {} : { rule: edgeRule },
  });

describe('the effect of an address where nothing listens', () => {
  it('is seen by connects that were refused there', () => {
    const happened = [
      [led(1101), refused(1100, wrong)],
      [led(1501), refused(1500, wrong)],
      [query(1701), connect(1700, 5)],
    ];
    expect(effectOf('dns-stale', nowhere, happened)).toEqual({
      seen: true,
      message: '2 queries were affected, and 2 of 3 connects went to the wrong address',
    });
  });

  it.each([
    ['at the right address', [led(1101), refused(1100, '127.0.0.1')]],
    ['where no answer led', [query(1101), refused(1100, wrong)]],
    ['not at all', [led(1101), connect(1100, 5)]],
  ])('is not seen by connects that were refused %s', (_, happened) => {
    expect(effectOf('dns-stale', nowhere, [happened], { end: { fired: 7 } }).seen).toBe(false);
  });
});

it('is seen by what a cache kept of a look-up in the midst of the injection', () => {
  const end = { fired: 1, evidence: { address: wrong } };
  expect(effectOf('dns-stale', nowhere, [[refused(1100, wrong)], [refused(1500, wrong)]], { end })).toEqual({
    seen: true,
    message: '1 query was affected, and 2 of 2 connects went to the wrong address',
  });
  expect(effectOf('dns-stale', nowhere, [[refused(1100, '127.0.0.1')], [connect(1500, 0)]], { end })).toMatchObject({
    seen: false,
  });
});

describe('the effect of another S3', () => {
  it('is seen by what it answered', () => {
    const happened = [[led(1101), ...strange(1100)], strange(1200, true), strange(1300, true, undefined)];
    expect(effectOf('dns-stale', wrongS3, happened)).toEqual({
      seen: true,
      message: '1 query was affected, and 1 connect led to the wrong S3, which answered 3 requests',
    });
  });

  it('is seen by what it answered over connections that were made in the midst of the injection', () => {
    expect(effectOf('dns-stale', wrongS3, [strange(1200, true)], { end: { fired: 2 } })).toEqual({
      seen: true,
      message: '2 queries were affected, and 0 connects led to the wrong S3, which answered 1 request',
    });
  });

  it.each([
    ['S3 itself answered', [led(1101), ...request('block', 'x', [1100, 1110], { client: { reused: false } })]],
    ['our own edge answered so', [led(1101), ...strange(1100, false, '2-s3-error')]],
  ])('is not seen when %s', (_, happened) => {
    expect(effectOf('dns-stale', wrongS3, [happened], { end: { fired: 7 } }).seen).toBe(false);
  });
});

it('keeps its time to live under compression: the cache divides it', () => {
  const given = dnsStale.parameters.parse({ ttl: '30s' });
  expect(dnsStale.compress(given, new Compression(20, 1))).toEqual({
    leads: 'nowhere',
    ttl: 30_000,
    connections: 'end',
  });
});

it.each([
  [{ leads: 'home' }, 'leads', /nowhere/],
  [{ ttl: '1500ms' }, 'ttl', /whole seconds/],
  [{ ttl: '-1s' }, 'ttl', /./],
  [{ ttl: '1000000h' }, 'ttl', /2147483647 seconds at most/],
])('%j is refused', (parameters, path, message) => {
  const [issue] = dnsStale.parameters.safeParse(parameters).error?.issues ?? [];
  expect(issue?.path.join('.')).toBe(path);
  expect(issue?.message).toMatch(message);
});

it.each([{ ttl: '0s' }, { ttl: '24h' }])('%j is taken', (parameters) => {
  expect(dnsStale.parameters.safeParse(parameters).success).toBe(true);
});
