import { decode, encode, type Question } from 'dns-packet';
import { beforeEach, describe, expect, it } from 'vitest';
import { encodeReply, parseQuery } from './message.ts';
import { dnsFaultModes } from './protocol.ts';
import { Zone } from './zone.ts';

let zone: Zone;
beforeEach(() => {
  zone = new Zone();
  zone.add({ name: 'one.s3.chaos.test', addresses: ['127.0.0.1', '127.0.0.2'], ttlSeconds: 17, record() {} });
});

function ask(name: string, type: Question['type'] = 'A', change: (packet: Buffer) => void = () => {}) {
  const packet = encode({ type: 'query', id: 1, questions: [{ name, type }] });
  change(packet);
  const parsed = parseQuery(packet);
  if (parsed.kind !== 'query') throw new Error(parsed.kind);
  const { reply, rule } = zone.answer(parsed.query);
  if (!reply) return { rule, answered: false };
  const decoded = decode(encodeReply(parsed.query, reply, 'udp').packet);
  return {
    rule,
    code: reply.code,
    authoritative: decoded.flag_aa,
    addresses: decoded.answers?.map((answer) => ('data' in answer ? answer.data : answer.type)),
    ttls: decoded.answers?.map((answer) => ('ttl' in answer ? answer.ttl : undefined)),
    authority: decoded.authorities?.map(({ type, name }) => `${type} ${name}`),
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

describe('any other name', () => {
  it.each([
    ['two.s3.chaos.test', 'NXDOMAIN'],
    ['a.one.s3.chaos.test', 'NXDOMAIN'],
    ['s3.chaos.test', 'NOERROR'],
  ])('%s: %s, with the authority', (name, code) => {
    expect(ask(name)).toMatchObject({ code, authoritative: true, addresses: [], authority: soa });
  });

  it.each(['chaos.test', 'example.com', '.'])('%s is refused', (name) => {
    expect(ask(name)).toMatchObject({ code: 'REFUSED', authoritative: false, addresses: [], authority: [] });
  });
});

it.each([
  ['of a class other than IN', 'REFUSED', (packet: Buffer) => packet.writeUInt16BE(3, packet.length - 2)],
  ['that is no query (NOTIFY)', 'NOTIMP', (packet: Buffer) => packet.writeUInt8(4 << 3, 2)],
])('a question %s gets %s', (_, code, change) => {
  expect(ask('one.s3.chaos.test', 'A', change)).toMatchObject({ code, addresses: [] });
});

describe('a fault', () => {
  it.each([
    ['servfail', { code: 'SERVFAIL', authoritative: false, addresses: [], authority: [], rule: 'r' }],
    ['nxdomain', { code: 'NXDOMAIN', authoritative: true, addresses: [], authority: soa, rule: 'r' }],
    ['silent', { answered: false, rule: 'r' }],
  ] as const)('%s decides every query, and counts them', (mode, answer) => {
    zone.fail('one.s3.chaos.test', { rule: 'r', mode });
    expect(zone.evidence('one.s3.chaos.test')).toEqual({ fired: 0 });
    expect(ask('one.s3.chaos.test')).toEqual(expect.objectContaining(answer));
    expect(ask('one.s3.chaos.test', 'AAAA')).toEqual(expect.objectContaining(answer));
    expect(zone.evidence('one.s3.chaos.test')).toEqual({ fired: 2 });
    expect(zone.heal('one.s3.chaos.test')).toEqual({ fired: 2 });
    expect(ask('one.s3.chaos.test')).toMatchObject({ code: 'NOERROR', rule: undefined });
  });

  it('leaves other names alone, and is not fired by them', () => {
    zone.add({ name: 'two.s3.chaos.test', addresses: ['127.0.0.3'], ttlSeconds: 1, record() {} });
    for (const mode of dnsFaultModes) {
      zone.fail('one.s3.chaos.test', { rule: mode, mode });
      expect(ask('two.s3.chaos.test')).toMatchObject({ code: 'NOERROR', addresses: ['127.0.0.3'] });
      expect(zone.heal('one.s3.chaos.test')).toEqual({ fired: 0 });
    }
  });

  it('counts from 0 the second time', () => {
    zone.fail('one.s3.chaos.test', { rule: 'first', mode: 'servfail' });
    ask('one.s3.chaos.test');
    zone.heal('one.s3.chaos.test');
    zone.fail('one.s3.chaos.test', { rule: 'second', mode: 'servfail' });
    expect(zone.evidence('one.s3.chaos.test')).toEqual({ fired: 0 });
  });

  it('is refused while there is another, and on a name that is not there', () => {
    zone.fail('one.s3.chaos.test', { rule: 'first', mode: 'silent' });
    expect(() => zone.fail('one.s3.chaos.test', { rule: 'second', mode: 'silent' })).toThrow('heal that one first');
    expect(() => zone.fail('two.s3.chaos.test', { rule: 'third', mode: 'silent' })).toThrow('is not known');
  });

  it('that is not there has no evidence and cannot be healed', () => {
    expect(() => zone.evidence('one.s3.chaos.test')).toThrow('has no fault');
    expect(() => zone.heal('one.s3.chaos.test')).toThrow('has no fault');
  });
});
