import { type Answer, decode, encode, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { encodeReply, isWithin, parseQuery, type Query, type Reply, wireName } from './message.ts';

function parsed(packet: Buffer): Query {
  const result = parseQuery(packet);
  if (result.kind !== 'query') throw new Error(`not a query: ${result.kind}`);
  return result.query;
}

function query(packet: Packet): Buffer {
  return encode({ type: 'query', id: 7, ...packet });
}

const opt: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function reply(addresses: number): Reply {
  return {
    code: 'NOERROR',
    authoritative: true,
    answers: Array.from({ length: addresses }, (_, n) => ({ type: 'A', name: 'a.test', ttl: 1, data: `10.0.0.${n}` })),
    authorities: [],
  };
}

describe('parseQuery', () => {
  it('keeps the case of the question, and folds it for the look-up', () => {
    const result = parsed(query({ questions: [{ name: 'Abc.TEST', type: 'A' }] }));
    expect(result.name).toBe('Abc.TEST');
    expect(result.wireName).toBe(wireName('abc.test'));
  });

  it('does not take one label with a dot in it for two', () => {
    const packet = query({ questions: [{ name: 'a_b.test', type: 'A' }] });
    packet[packet.indexOf('_')] = '.'.charCodeAt(0);
    const result = parsed(packet);
    expect(result.name).toBe('a.b.test');
    expect(result.wireName).not.toBe(wireName('a.b.test'));
  });

  it.each([
    ['no question', query({})],
    [
      'two questions',
      query({
        questions: [
          { name: 'a.test', type: 'A' },
          { name: 'b.test', type: 'A' },
        ],
      }),
    ],
    ['two OPT records', query({ questions: [{ name: 'a.test', type: 'A' }], additionals: [opt, opt] })],
    ['a question that points into the header', Buffer.from('0007000000010000000000000161c0040001' + '0001', 'hex')],
    ['a question that is cut short', query({ questions: [{ name: 'a.test', type: 'A' }] }).subarray(0, -1)],
    [
      'an option that is cut short',
      query({
        questions: [{ name: 'a.test', type: 'A' }],
        additionals: [{ ...opt, options: [{ code: 12, length: 9 }] }],
      }).subarray(0, -4),
    ],
    ['an id and nothing else', Buffer.from([0, 7])],
    [
      'a query of more bytes than we say that we take',
      Buffer.concat([query({ questions: [{ name: 'a.test', type: 'A' }] }), Buffer.alloc(1232)]),
    ],
  ])('tells that %s is malformed', (_, packet) => {
    expect(parseQuery(packet)).toEqual({ kind: 'malformed', id: 7 });
  });

  it.each([
    ['a response', encode({ type: 'response', id: 7, questions: [{ name: 'a.test', type: 'A' }] })],
    ['nothing', Buffer.alloc(0)],
    ['half an id', Buffer.from([7])],
  ])('has %s ignored', (_, packet) => {
    expect(parseQuery(packet)).toEqual({ kind: 'ignore' });
  });
});

describe('isWithin', () => {
  it.each([
    ['s3.chaos.test', true],
    ['a.s3.chaos.test', true],
    ['a.b.s3.chaos.test', true],
    ['as3.chaos.test', false],
    ['chaos.test', false],
    ['s3.chaos.test.com', false],
  ])('%s: %s', (name, within) => {
    expect(isWithin(wireName(name), wireName('s3.chaos.test'))).toBe(within);
  });

  it('is not taken in by a label that looks like the end of another', () => {
    expect(isWithin(`\x05ab${wireName('s3.chaos.test')}`, wireName('s3.chaos.test'))).toBe(false);
  });
});

describe('encodeReply', () => {
  it('answers with the very bytes of the question, even of a type without a name', () => {
    const packet = query({ questions: [{ name: 'MiXed.test', type: 'A' }] });
    packet.writeUInt16BE(65_280, packet.length - 4);
    const answer = encodeReply(parsed(packet), reply(0), 'udp').packet;
    expect(answer.subarray(12)).toEqual(packet.subarray(12));
    expect(answer.readUInt16BE(4)).toBe(1);
  });

  // Each record of a.test has 8 + 10 + 4 = 22 bytes; header and question 12 + 12 = 24; OPT 11.
  it.each([
    ['512 bytes without EDNS0', undefined, 22, 23],
    ['what EDNS0 says', 1232, 54, 55],
    ['512 bytes when EDNS0 says less', 100, 21, 22],
  ])('cuts a UDP answer that is over %s', (_, udpPayloadSize, fits, tooMany) => {
    const asked = parsed(
      query({
        questions: [{ name: 'a.test', type: 'A' }],
        ...(udpPayloadSize && { additionals: [{ ...opt, udpPayloadSize }] }),
      }),
    );
    const whole = encodeReply(asked, reply(fits), 'udp');
    expect(whole.truncated).toBe(false);
    expect(decode(whole.packet)).toMatchObject({ flag_tc: false, answers: { length: fits } });

    const cut = encodeReply(asked, reply(tooMany), 'udp');
    expect(cut.truncated).toBe(true);
    expect(decode(cut.packet)).toMatchObject({ flag_tc: true, answers: [], questions: [{ name: 'a.test' }] });

    expect(decode(encodeReply(asked, reply(tooMany), 'tcp').packet)).toMatchObject({
      flag_tc: false,
      answers: { length: tooMany },
    });
  });

  it('speaks EDNS0 only to who speaks it', () => {
    const questions: Packet['questions'] = [{ name: 'a.test', type: 'A' }];
    const additionals = (packet: Packet) =>
      decode(encodeReply(parsed(query(packet)), reply(1), 'udp').packet).additionals;
    expect(additionals({ questions })).toEqual([]);
    expect(additionals({ questions, additionals: [opt] })).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232 }]);
  });
});
