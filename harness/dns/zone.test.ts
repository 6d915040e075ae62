import { decode, encode, type Question } from 'dns-packet';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeReply, parseQuery } from './message.ts';
import type { DnsFault } from './protocol.ts';
import { Zone } from './zone.ts';

let zone: Zone;
beforeEach(() => {
  zone = new Zone();
  zone.add({ name: 'one.s3.chaos.test', addresses: ['127.0.0.1', '127.0.0.2'], ttlSeconds: 17, record() {} });
});

interface Asking {
  transport?: 'udp' | 'tcp';
  change?: (packet: Buffer) => void;
}

function ask(name: string, type: Question['type'] = 'A', { transport = 'udp', change = () => {} }: Asking = {}) {
  const packet = encode({ type: 'query', id: 1, questions: [{ name, type }] });
  change(packet);
  const parsed = parseQuery(packet);
  if (parsed.kind !== 'query') throw new Error(parsed.kind);
  const { reply, rule, delayMs } = zone.answer(parsed.query, transport);
  if (!reply) return { rule, answered: false };
  const decoded = decode(encodeReply(parsed.query, reply, transport).packet);
  return {
    rule,
    code: reply.code,
    authoritative: decoded.flag_aa,
    truncated: decoded.flag_tc,
    addresses: decoded.answers?.map((answer) => ('data' in answer ? answer.data : answer.type)),
    ttls: decoded.answers?.map((answer) => ('ttl' in answer ? answer.ttl : undefined)),
    authority: decoded.authorities?.map(({ type, name }) => `${type} ${name}`),
    ...(delayMs !== undefined && { delayMs }),
  };
}

const soa = ['SOA s3.chaos.test'];

describe('a name that was given out', () => {
  it('has its addresses, with its time to live', () => {
    expect(ask('one.s3.chaos.test')).toMatchObject({
      code: 'NOERROR',
      authoritative: true,
      addresses: ['127.0.0.1', '127.0.0.2'],
      ttls: [17, 17],
      authority: [],
    });
  });

  it.each(['AAAA', 'TXT', 'SOA'] as const)('exists, but has no %s', (type) => {
    expect(ask('one.s3.chaos.test', type)).toMatchObject({ code: 'NOERROR', addresses: [], authority: soa });
  });

  it('is the same name in any case, and cannot be given out twice', () => {
    expect(ask('ONE.S3.chaos.Test')).toMatchObject({ addresses: ['127.0.0.1', '127.0.0.2'] });
    expect(() => zone.add({ name: 'One.s3.chaos.test', addresses: [], ttlSeconds: 0, record() {} })).toThrow(
      'is taken',
    );
  });

  it('is gone when it is removed', () => {
    zone.remove('ONE.s3.chaos.test');
    expect(ask('one.s3.chaos.test')).toMatchObject({ code: 'NXDOMAIN' });
    expect(() => zone.remove('one.s3.chaos.test')).toThrow('"one.s3.chaos.test" is not known');
  });
});

describe('a name one label below one that was given out', () => {
  it('has its addresses, and no AAAA', () => {
    const same = { code: 'NOERROR', addresses: ['127.0.0.1', '127.0.0.2'], ttls: [17, 17] };
    expect(ask('Bucket.one.s3.chaos.test')).toMatchObject(same);
    expect(ask('b.one.s3.chaos.test', 'AAAA')).toMatchObject({ code: 'NOERROR', addresses: [], authority: soa });
  });

  it('comes after one that was itself given out', () => {
    zone.add({ name: 'b.one.s3.chaos.test', addresses: ['127.0.0.9'], ttlSeconds: 1, record() {} });
    expect(ask('b.one.s3.chaos.test')).toMatchObject({ addresses: ['127.0.0.9'] });
    expect(ask('c.one.s3.chaos.test')).toMatchObject({ addresses: ['127.0.0.1', '127.0.0.2'] });
    zone.fail('one.s3.chaos.test', { rule: 'r', mode: 'servfail' });
    expect(ask('b.one.s3.chaos.test')).toMatchObject({ addresses: ['127.0.0.9'] });
    expect(ask('c.one.s3.chaos.test')).toMatchObject({ code: 'SERVFAIL' });
    expect(ask('c.b.one.s3.chaos.test')).toMatchObject({ addresses: ['127.0.0.9'] });
  });
});

describe('a name of ours with a suffix of a search list', () => {
  it.each(['one.s3.chaos.test.svc.cluster.local', 'b.one.s3.chaos.test.local', 'ONE.s3.chaos.test.s3.chaos.test'])(
    '%s does not exist',
    (name) => {
      expect(ask(name)).toMatchObject({ code: 'NXDOMAIN', authoritative: false, addresses: [], authority: [] });
    },
  );

  it('is told to the name that it is made of', () => {
    const recorded = (name: string) => {
      const parsed = parseQuery(encode({ type: 'query', id: 1, questions: [{ name, type: 'A' }] }));
      return parsed.kind === 'query' && zone.answer(parsed.query, 'udp').known?.name;
    };
    expect(recorded('one.s3.chaos.test.svc')).toBe('one.s3.chaos.test');
    expect(recorded('two.s3.chaos.test.svc')).toBeUndefined();
    expect(recorded('svc')).toBeUndefined();
  });
});

describe('any other name', () => {
  it.each([
    ['two.s3.chaos.test', 'NXDOMAIN'],
    ['a.two.s3.chaos.test', 'NXDOMAIN'],
    ['a.b.one.s3.chaos.test', 'NXDOMAIN'],
    ['s3.chaos.test', 'NOERROR'],
  ])('%s: %s, with the authority', (name, code) => {
    expect(ask(name)).toMatchObject({ code, authoritative: true, addresses: [], authority: soa });
  });

  it.each(['chaos.test', 'example.com', '.', 'two.s3.chaos.test.svc', 's3.chaos.test.svc', 'xs3.chaos.test.svc'])(
    '%s is refused',
    (name) => {
      expect(ask(name)).toMatchObject({ code: 'REFUSED', authoritative: false, addresses: [], authority: [] });
    },
  );
});

it.each([
  ['of a class other than IN', 'REFUSED', (packet: Buffer) => packet.writeUInt16BE(3, packet.length - 2)],
  ['that is no query (NOTIFY)', 'NOTIMP', (packet: Buffer) => packet.writeUInt8(4 << 3, 2)],
])('a question %s gets %s', (_, code, change) => {
  expect(ask('one.s3.chaos.test', 'A', { change })).toMatchObject({ code, addresses: [] });
});

/** One of each mode. */
const modes: Record<DnsFault['mode'], DnsFault> = {
  servfail: { rule: 'r', mode: 'servfail' },
  nxdomain: { rule: 'r', mode: 'nxdomain' },
  refused: { rule: 'r', mode: 'refused' },
  empty: { rule: 'r', mode: 'empty' },
  silent: { rule: 'r', mode: 'silent' },
  slow: { rule: 'r', mode: 'slow', delayMs: 250 },
  truncated: { rule: 'r', mode: 'truncated', tcp: 'answers' },
  stale: { rule: 'r', mode: 'stale', addresses: ['127.0.0.66'], ttlSeconds: 300 },
};

describe('a fault', () => {
  const one = 'one.s3.chaos.test';
  const suffixed = `${one}.svc.cluster.local`;
  const right = ['127.0.0.1', '127.0.0.2'];
  const none = { authority: [], addresses: [] };
  const noSuchName = { code: 'NXDOMAIN', addresses: [] };

  // For each mode: what A, AAAA, and A with a suffix get over UDP, and A over TCP; `r` where the fault decided it.
  it.each([
    ['servfail', { code: 'SERVFAIL', authoritative: false, ...none, rule: 'r' }, 'same', 'same', 'same'],
    ['refused', { code: 'REFUSED', authoritative: false, ...none, rule: 'r' }, 'same', 'same', 'same'],
    ['nxdomain', { ...noSuchName, authority: soa, rule: 'r' }, 'same', { ...noSuchName, rule: undefined }, 'same'],
    [
      'empty',
      { code: 'NOERROR', addresses: [], authority: soa, rule: 'r' },
      { code: 'NOERROR', addresses: [], rule: undefined },
      'same',
      'same',
    ],
    ['silent', { answered: false, rule: 'r' }, 'same', 'same', 'same'],
    [
      'slow',
      { addresses: right, delayMs: 250, rule: 'r' },
      { addresses: [], delayMs: 250, rule: 'r' },
      { ...noSuchName, delayMs: 250, rule: 'r' },
      'same',
    ],
    [
      'truncated',
      { code: 'NOERROR', truncated: true, addresses: [], rule: 'r' },
      'same',
      { code: 'NXDOMAIN', truncated: true, rule: 'r' },
      { truncated: false, addresses: right, rule: undefined },
    ],
    [
      'stale',
      { addresses: ['127.0.0.66'], ttls: [300], rule: 'r' },
      { addresses: [], rule: undefined },
      { ...noSuchName, rule: undefined },
      'same',
    ],
  ] as const)('%s decides what it is about, and counts what it changed', (mode, a, aaaa, withSuffix, overTcp) => {
    zone.fail(one, modes[mode]);
    expect(zone.evidence(one)).toEqual({ fired: 0, considered: 0 });
    const answers = [ask(one), ask(one, 'AAAA'), ask(suffixed), ask(one, 'A', { transport: 'tcp' })];
    const due = [a, aaaa, withSuffix, overTcp].map((answer) => (answer === 'same' ? a : answer));
    for (const [index, answer] of answers.entries()) expect(answer).toEqual(expect.objectContaining(due[index]));
    const fired = answers.filter(({ rule }) => rule === 'r').length;
    expect(zone.evidence(one)).toEqual({ fired, considered: 4 });
    expect(ask(`b.${one}`)).toEqual(expect.objectContaining(a));
    expect(zone.heal(one)).toEqual({ fired: fired + 1, considered: 5 });
    expect(ask(one)).toMatchObject({ code: 'NOERROR', truncated: false, addresses: right, rule: undefined });
    expect(ask(one)).not.toHaveProperty('delayMs');
  });

  it('of truncation can leave TCP without an answer too', () => {
    zone.fail(one, { rule: 'r', mode: 'truncated', tcp: 'silent' });
    expect(ask(one)).toMatchObject({ truncated: true, rule: 'r' });
    expect(ask(one, 'A', { transport: 'tcp' })).toEqual({ answered: false, rule: 'r' });
    expect(zone.heal(one)).toEqual({ fired: 2, considered: 2 });
  });

  it('leaves other names alone, and is not fired by them', () => {
    zone.add({ name: 'two.s3.chaos.test', addresses: ['127.0.0.3'], ttlSeconds: 1, record() {} });
    for (const fault of Object.values(modes)) {
      zone.fail(one, fault);
      expect(ask('two.s3.chaos.test')).toMatchObject({ code: 'NOERROR', addresses: ['127.0.0.3'] });
      expect(zone.heal(one)).toEqual({ fired: 0, considered: 0 });
    }
  });

  it('counts from 0 the second time', () => {
    zone.fail(one, { rule: 'first', mode: 'servfail' });
    ask(one);
    zone.heal(one);
    zone.fail(one, { rule: 'second', mode: 'servfail' });
    expect(zone.evidence(one)).toEqual({ fired: 0, considered: 0 });
  });

  it('is in force until it is healed', () => {
    expect(zone.faults(one)).toEqual([]);
    zone.fail(one, { rule: '1-dns-failure', mode: 'silent' });
    expect(zone.faults(one)).toEqual(['1-dns-failure']);
    zone.heal(one);
    expect(zone.faults(one)).toEqual([]);
    expect(() => zone.faults('two.s3.chaos.test')).toThrow('is not known');
  });

  it('is refused while there is another, and on a name that is not there', () => {
    zone.fail(one, { rule: 'first', mode: 'silent' });
    expect(() => zone.fail(one, { rule: 'second', mode: 'silent' })).toThrow('heal that one first');
    expect(() => zone.fail('two.s3.chaos.test', { rule: 'third', mode: 'silent' })).toThrow('is not known');
  });

  it('that is not there has no evidence and cannot be healed', () => {
    expect(() => zone.evidence(one)).toThrow('has no fault');
    expect(() => zone.heal(one)).toThrow('has no fault');
  });
});

describe('a fault that comes sometimes', () => {
  const sometimes = { seed: 7, probability: 0.3 };
  const asked = 400;
  /** Which of so many queries it hit, for a lease of any name. */
  function hits(lease: string, seed = 7, order: readonly Question['type'][] = ['A', 'AAAA']) {
    const name = `${lease}.s3.chaos.test`;
    zone.add({ name, addresses: ['127.0.0.1'], ttlSeconds: 1, record() {} });
    zone.fail(name, { rule: 'r', mode: 'servfail', sometimes: { ...sometimes, seed } });
    const hit: Record<string, boolean[]> = { A: [], AAAA: [] };
    for (let turn = 0; turn < asked / 2; turn++) {
      for (const type of order) hit[type]?.push(ask(name, type).rule === 'r');
    }
    return { hit, evidence: zone.heal(name) };
  }

  it('hits its share of the queries, and counts the others as considered', () => {
    const { hit, evidence } = hits('some');
    const fired = Object.values(hit).flat().filter(Boolean).length;
    expect(evidence).toEqual({ fired, considered: asked });
    // The 99 % interval of the binomial distribution with 400 draws of 0.3: 120, and 23.6 to either side.
    expect(fired).toBeGreaterThanOrEqual(97);
    expect(fired).toBeLessThanOrEqual(143);
  });

  it('decides alike for the same seed, whatever the lease is called and whichever type comes first', () => {
    const { hit } = hits('first');
    expect(hits('second', 7, ['AAAA', 'A']).hit).toEqual(hit);
    expect(hits('third', 8).hit).not.toEqual(hit);
  });

  it('draws for each name anew', () => {
    const pattern = (name: string) => {
      zone.fail('one.s3.chaos.test', { rule: 'r', mode: 'servfail', sometimes });
      const hits = Array.from({ length: 40 }, () => ask(name).rule === 'r');
      zone.heal('one.s3.chaos.test');
      return hits;
    };
    expect(pattern('b.one.s3.chaos.test')).not.toEqual(pattern('one.s3.chaos.test'));
    expect(pattern('one.s3.chaos.test.svc')).not.toEqual(pattern('one.s3.chaos.test'));
    expect(pattern('One.s3.chaos.test')).toEqual(pattern('one.s3.chaos.test'));
  });
});
