import { describe, expect, it } from 'vitest';
import { dnsFailure } from './dns-failure.ts';
import { effectOf } from './example-effect.ts';
import { connect, pooled, query } from './example-look-up.ts';

const rule = '1-dns-failure';
const servfail = (t: number) => query(t, { answer: 'SERVFAIL', rule });
const down = (given: object = {}) => dnsFailure.parameters.parse({ mode: 'servfail', ...given });

describe('the effect', () => {
  it('is seen by connects that failed for it', () => {
    const happened = [
      [servfail(1101), servfail(1102), connect(1100, 5, { failure: 'dns' })],
      [servfail(1501), servfail(1502), connect(1500, 5, { failure: 'dns' })],
      pooled(1700, 1),
    ];
    expect(effectOf('dns-failure', down(), happened)).toEqual({
      seen: true,
      message: '4 queries were affected, and 2 of 2 connects failed for it',
    });
  });

  it('tells when one look-up asked many questions', () => {
    const queries = Array.from({ length: 16 }, (_, n) => servfail(1101 + n));
    const { message } = effectOf('dns-failure', down(), [[...queries, connect(1100, 20, { failure: 'dns' })]]);
    expect(message).toBe('16 queries were affected, and 1 of 1 connect failed for it, with up to 16 queries for one');
  });

  it('is not seen when connects went well, whatever the DNS server wrote', () => {
    expect(effectOf('dns-failure', down(), [[servfail(1102), connect(1100, 5)]], { end: { fired: 7 } })).toEqual({
      seen: false,
      message: '1 query was affected, but none of 1 connect failed for it',
    });
  });

  it('is not seen by connects that failed for another reason', () => {
    const happened = [
      [servfail(1102), connect(1100, 5)],
      [query(1501), connect(1500, 5, { failure: 'dns' })],
    ];
    expect(effectOf('dns-failure', down(), happened).seen).toBe(false);
  });

  it('is not seen by what failed afterwards', () => {
    const happened = [[servfail(1999), connect(2001, 5, { failure: 'dns' })]];
    expect(effectOf('dns-failure', down(), happened).seen).toBe(false);
  });

  describe('of a fault that comes sometimes', () => {
    const sometimes = down({ probability: 0.3 });

    it('is seen by a look-up that had to ask again', () => {
      const happened = [
        [servfail(1101), query(1103), connect(1100, 5)],
        [query(1502), connect(1500, 5)],
      ];
      expect(effectOf('dns-failure', sometimes, happened)).toEqual({
        seen: true,
        message: '1 query was affected, and 1 of 2 connects failed for it or asked again',
      });
    });

    it('is not seen when nobody asked again', () => {
      const happened = [[servfail(1101), query(1103, { question: 'AAAA' }), connect(1100, 5)]];
      expect(effectOf('dns-failure', sometimes, happened).seen).toBe(false);
    });
  });
});

it.each([
  [{}, 'mode'],
  [{ mode: 'timeout' }, 'mode'],
  [{ mode: 'slow' }, 'mode'],
  [{ mode: 'silent', connections: 'close' }, 'connections'],
  [{ mode: 'silent', probability: 0 }, 'probability'],
  [{ mode: 'silent', probability: 1.5 }, 'probability'],
])('%j is refused', (parameters, path) => {
  const parsed = dnsFailure.parameters.safeParse(parameters);
  expect(parsed.error?.issues.map((issue) => issue.path.join('.'))).toEqual([path]);
});
