import dns, { type LookupAddress } from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { DnsError, type Resolver } from '../dns/resolver.ts';
import { announce } from './machine-lookup.ts';

const both: Resolver = { resolve: async () => ['127.0.0.2', '::1'] };
const forgets: (() => void)[] = [];
afterEach(() => {
  for (const forget of forgets.splice(0)) forget();
});

const lookUp = (name: string, options: dns.LookupOptions = {}) =>
  new Promise<string | LookupAddress[]>((resolve, reject) => {
    dns.lookup(name, options, (error, address) => (error ? reject(error) : resolve(address)));
  });

describe('a name that was announced', () => {
  it('is resolved as Node would, with those below it', async () => {
    forgets.push(announce('s3.lookup.test', both));
    expect(await lookUp('s3.lookup.test')).toBe('127.0.0.2');
    expect(await lookUp('bucket.s3.lookup.test', { family: 6 })).toBe('::1');
    expect(await lookUp('s3.lookup.test', { all: true })).toEqual([
      { address: '127.0.0.2', family: 4 },
      { address: '::1', family: 6 },
    ]);
    expect(await lookUp('s3.lookup.test', { all: true, family: 4 })).toEqual([{ address: '127.0.0.2', family: 4 }]);
    const short = new Promise((resolve) => dns.lookup('s3.lookup.test', (_, address) => resolve(address)));
    expect(await short).toBe('127.0.0.2');
  });

  it.each([
    ['no-such-host', 'ENOTFOUND'],
    ['timeout', 'EAI_AGAIN'],
    ['server-misbehaving', 'EAI_AGAIN'],
  ] as const)('fails as getaddrinfo does: %s is %s', async (kind, code) => {
    const resolve = async (name: string) => {
      throw new DnsError(kind, name, '127.0.0.1:53', 'told so', true);
    };
    forgets.push(announce('s3.lookup.test', { resolve }));
    const error = await lookUp('s3.lookup.test').catch((e) => e);
    expect(error).toMatchObject({ code, syscall: 'getaddrinfo', hostname: 's3.lookup.test' });
    expect(error.message).toBe(`getaddrinfo ${code} s3.lookup.test`);
  });

  it('has no address of a family that nobody gave', async () => {
    forgets.push(announce('s3.lookup.test', { resolve: async () => ['127.0.0.2'] }));
    await expect(lookUp('s3.lookup.test', { family: 6 })).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  it('answers after the caller has gone on', async () => {
    forgets.push(announce('s3.lookup.test', both));
    const order: string[] = [];
    const looked = lookUp('s3.lookup.test').then(() => order.push('answered'));
    process.nextTick(() => order.push('gone on'));
    await looked;
    expect(order).toEqual(['gone on', 'answered']);
  });

  it('is the last announcer’s, and the one’s before when that one has gone', async () => {
    forgets.push(announce('s3.lookup.test', both));
    const forget = announce('s3.lookup.test', { resolve: async () => ['127.0.0.3'] });
    expect(await lookUp('s3.lookup.test')).toBe('127.0.0.3');
    forget();
    expect(await lookUp('s3.lookup.test')).toBe('127.0.0.2');
  });
});

it('leaves every other name to the machine', async () => {
  forgets.push(announce('s3.lookup.test', both));
  expect(['127.0.0.1', '::1']).toContain(await lookUp('localhost'));
  expect(await lookUp('127.0.0.9')).toBe('127.0.0.9');
  await expect(lookUp('other-s3.lookup.test')).rejects.toMatchObject({ syscall: 'getaddrinfo' });
  const answered = new Promise((resolve) => dns.lookup('127.0.0.9', (_, address) => resolve(address)));
  expect(await answered).toBe('127.0.0.9');
});
