import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { DnsServer } from './dns-server.ts';

const name = 'one.s3.chaos.test';
const many = Array.from({ length: 60 }, (_, n) => `127.0.1.${n}`);

let server: DnsServer;
let queries: DnsQueryEvent[];

beforeEach(async () => {
  server = await DnsServer.start(realClock);
  queries = [];
  const record = (event: unknown) => queries.push(event as DnsQueryEvent);
  server.zone.add({ name, addresses: ['127.0.0.1'], ttlSeconds: 5, record });
  server.zone.add({ name: 'many.s3.chaos.test', addresses: many, ttlSeconds: 5, record });
});
afterEach(() => server[Symbol.asyncDispose]());

function query(packet: Packet = {}): Buffer {
  return encode({ type: 'query', id: 7, questions: [{ name, type: 'A' }], ...packet });
}

function framed(packet: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(packet.length);
  return Buffer.concat([length, packet]);
}

/** Sends packets over UDP, and gives as many answers as are asked for. */
async function overUdp(packets: Buffer[], wanted = packets.length): Promise<DecodedPacket[]> {
  const socket = createSocket('udp4');
  const answers: DecodedPacket[] = [];
  try {
    const enough = new Promise<void>((resolve) => {
      socket.on('message', (packet) => {
        answers.push(decode(packet));
        if (answers.length === wanted) resolve();
      });
    });
    for (const packet of packets) await new Promise((sent) => socket.send(packet, server.port, server.host, sent));
    await enough;
    return answers;
  } finally {
    socket.close();
  }
}

async function connected(): Promise<Socket> {
  const socket = connect(server.port, server.host);
  await once(socket, 'connect');
  return socket;
}

/** The next `wanted` messages on a connection. */
async function messages(socket: Socket, wanted: number): Promise<DecodedPacket[]> {
  const found: DecodedPacket[] = [];
  let received = Buffer.alloc(0);
  while (found.length < wanted) {
    const [chunk] = await once(socket, 'data');
    received = Buffer.concat([received, chunk]);
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const end = 2 + received.readUInt16BE(0);
      found.push(decode(received.subarray(2, end)));
      received = received.subarray(end);
    }
  }
  return found;
}

describe('asked by the resolver of Node (c-ares)', () => {
  let resolver: Resolver;
  beforeEach(() => {
    resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([`127.0.0.1:${server.port}`]);
  });

  it('gives the addresses and their time to live', async () => {
    expect(await resolver.resolve4(name, { ttl: true })).toEqual([{ address: '127.0.0.1', ttl: 5 }]);
  });

  it('gives over TCP what is too much for UDP', async () => {
    expect((await resolver.resolve4('many.s3.chaos.test')).sort()).toEqual([...many].sort());
    expect(queries.at(-1)).toMatchObject({ transport: 'tcp', answer: 'NOERROR', addresses: many });
  });

  it.each([
    ['has no AAAA', () => resolver.resolve6(name), 'ENODATA'],
    ['has no TXT', () => resolver.resolveTxt(name), 'ENODATA'],
    ['does not exist', () => resolver.resolve4('two.s3.chaos.test'), 'ENOTFOUND'],
    ['is none of ours', () => resolver.resolve4('example.com'), 'EREFUSED'],
  ])('tells that a name %s', async (_, ask, code) => {
    await expect(ask()).rejects.toMatchObject({ code });
  });

  it.each([
    ['servfail', 'ESERVFAIL'],
    ['nxdomain', 'ENOTFOUND'],
    ['silent', 'ETIMEOUT'],
  ] as const)('fails as it is told: %s', async (mode, code) => {
    server.zone.fail(name, { rule: 'r', mode });
    await expect(resolver.resolve4(name)).rejects.toMatchObject({ code });
    expect(server.zone.heal(name).fired).toBe(queries.length);
    expect(queries.length).toBeGreaterThan(0);
    expect(await resolver.resolve4(name)).toEqual(['127.0.0.1']);
  });
});

describe('the history', () => {
  it('has each query for a known name, as it was answered', async () => {
    const before = realClock.now();
    await overUdp([query()]);
    await overUdp([query({ questions: [{ name: 'MANY.s3.chaos.test', type: 'A' }] })]);
    await overUdp([query({ questions: [{ name, type: 'AAAA' }] })]);
    await overUdp([query({ questions: [{ name: 'two.s3.chaos.test', type: 'A' }] })]);
    const ours = { type: 'dns.query', t: expect.any(Number), transport: 'udp' };
    expect(queries).toEqual([
      { ...ours, name, question: 'A', answer: 'NOERROR', addresses: ['127.0.0.1'] },
      { ...ours, name: 'many.s3.chaos.test', question: 'A', answer: 'TRUNCATED', addresses: [] },
      { ...ours, name, question: 'AAAA', answer: 'NOERROR', addresses: [] },
    ]);
    for (const { t } of queries) expect(t).toBeGreaterThan(before);
  });

  it('names the rule that decided an answer', () => {
    server.zone.fail(name, { rule: '1-dns', mode: 'silent' });
    expect(server.respond(query(), 'udp')).toBeUndefined();
    expect(queries).toMatchObject([{ answer: 'none', addresses: [], rule: '1-dns' }]);
  });
});

it('loses none of a burst of 320 questions that comes before it can read one', async () => {
  expect(await overUdp(Array.from({ length: 320 }, (_, id) => query({ id })))).toHaveLength(320);
});

describe('over TCP', () => {
  it('answers what comes in pieces, and several questions on one connection', async () => {
    const socket = await connected();
    const packets = Buffer.concat([framed(query({ id: 1 })), framed(query({ id: 2 })), framed(query({ id: 3 }))]);
    const answers = messages(socket, 3);
    for (const byte of packets) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await answers).map(({ id }) => id)).toEqual([1, 2, 3]);
    socket.destroy();
  });

  it('goes on after a message that cannot be read', async () => {
    const socket = await connected();
    socket.write(Buffer.concat([framed(Buffer.from([0, 9, 0])), framed(Buffer.alloc(0)), framed(query({ id: 2 }))]));
    const [first, second] = await messages(socket, 2);
    expect(first).toMatchObject({ id: 9, rcode: 'FORMERR' });
    expect(second).toMatchObject({ id: 2, answers: [{ data: '127.0.0.1' }] });
    socket.destroy();
  });

  it('leaves a question unanswered, and the connection open, when it is to be silent', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'silent' });
    const socket = await connected();
    socket.write(
      Buffer.concat([framed(query({ id: 1 })), framed(query({ id: 2, questions: [{ name: '.', type: 'A' }] }))]),
    );
    // An answer to the first would have come before.
    expect(await messages(socket, 1)).toMatchObject([{ id: 2, rcode: 'REFUSED' }]);
    expect(server.zone.evidence(name)).toEqual({ fired: 1 });
    expect(socket.readyState).toBe('open');
    socket.destroy();
  });

  it('does not listen on to who asks and does not read', async () => {
    const socket = await connected();
    socket.pause();
    const burst = framed(query({ questions: [{ name: 'many.s3.chaos.test', type: 'A' }] }));
    const bursts = Buffer.concat(Array(2000).fill(burst));
    // Answers are thirty times as large as questions: without a stop they would pile up by the hundred megabyte.
    for (let turn = 0; turn < 200 && !socket.writableNeedDrain; turn++) socket.write(bursts);
    let seen = -1;
    while (seen !== queries.length || seen === 0) {
      seen = queries.length;
      await realClock.sleep(100);
    }
    expect(seen).toBeGreaterThan(0);
    expect(socket.writableLength).toBeGreaterThan(0);
    socket.destroy();
  });

  it.each([
    ['ever', 0],
    ['any more', 1],
  ])('closes a connection on which nothing comes %s', async (_, questions) => {
    const clock = new VirtualClock();
    await using idle = await DnsServer.start(clock);
    const socket = connect(idle.port, idle.host);
    await once(socket, 'connect');
    // A connection is accepted after its client is told that it is open.
    await realClock.sleep(20);
    if (questions > 0) {
      await clock.advance(30_000);
      socket.write(framed(query()));
      await messages(socket, questions);
    }
    const closed = once(socket, 'close');
    socket.resume();
    await clock.advance(59_000);
    await realClock.sleep(20);
    expect(socket.readyState).toBe('open');
    await clock.advance(2_000);
    await closed;
  });

  it('survives a connection that is reset', async () => {
    const socket = await connected();
    socket.write(framed(query()).subarray(0, 5));
    await realClock.sleep(20);
    socket.resetAndDestroy();
    await realClock.sleep(20);
    expect(await overUdp([query()])).toMatchObject([{ rcode: 'NOERROR' }]);
  });
});

describe('EDNS0', () => {
  const opt = { type: 'OPT', name: '.', udpPayloadSize: 4096, extendedRcode: 0, flags: 0, flag_do: false } as const;

  it('is understood, whatever options come with it', async () => {
    const cookie = { code: 10, type: 'COOKIE', data: Buffer.alloc(8, 1) } as never;
    const additionals: Packet['additionals'] = [{ ...opt, ednsVersion: 0, options: [cookie] }];
    const questions: Packet['questions'] = [{ name: 'many.s3.chaos.test', type: 'A' }];
    const [answer] = await overUdp([query({ questions, additionals })]);
    expect(answer).toMatchObject({ rcode: 'NOERROR', flag_tc: false, answers: { length: 60 } });
    expect(answer?.additionals).toMatchObject([{ type: 'OPT', extendedRcode: 0, ednsVersion: 0 }]);
  });

  it('of a later version is told that we have version 0 (BADVERS, 16)', async () => {
    const [answer] = await overUdp([query({ additionals: [{ ...opt, ednsVersion: 1, options: [] }] })]);
    expect(answer).toMatchObject({
      rcode: 'NOERROR',
      answers: [],
      additionals: [{ extendedRcode: 1, ednsVersion: 0 }],
    });
  });
});

describe('whatever comes in', () => {
  const whole = [
    query(),
    query({ questions: [{ name: 'many.s3.chaos.test', type: 'A' }] }),
    query({ questions: [{ name: 'ONE.s3.CHAOS.test', type: 'AAAA' }], flags: 0x0100 }),
    query({
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 1232,
          extendedRcode: 0,
          ednsVersion: 0,
          flags: 0,
          flag_do: false,
          options: [{ code: 8, ip: '10.0.0.0', sourcePrefixLength: 24 }],
        },
      ],
      answers: [{ type: 'TXT', name: 'x', data: 'text' }],
      authorities: [{ type: 'NS', name: 'x', data: 'y' }],
    }),
  ];

  /** A query of which some bytes are others, cut short or made longer. */
  const mutated = fc
    .record({
      packet: fc.constantFrom(...whole),
      changes: fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 6 }),
      length: fc.option(fc.nat(80)),
      tail: fc.uint8Array({ maxLength: 40 }),
    })
    .map(({ packet, changes, length, tail }) => {
      const copy = Buffer.from(packet);
      for (const [offset, value] of changes) if (offset < copy.length) copy[offset] = value;
      return Buffer.concat([copy.subarray(0, length ?? copy.length), tail]);
    });
  const random = fc.uint8Array({ maxLength: 600 }).map((bytes) => Buffer.from(bytes));
  const packets = fc.oneof({ arbitrary: mutated, weight: 3 }, { arbitrary: random, weight: 1 });

  it('is answered with its id, unless it has none or is a response, and harms nothing', () => {
    fc.assert(
      fc.property(packets, fc.constantFrom('udp' as const, 'tcp' as const), (packet, transport) => {
        const answer = server.respond(packet, transport);
        if (packet.length < 2 || (packet.length > 2 && packet.readUInt8(2) >= 0x80)) {
          expect(answer).toBeUndefined();
          return;
        }
        expect(answer?.readUInt16BE(0)).toBe(packet.readUInt16BE(0));
        expect(decode(answer as Buffer).flag_qr).toBe(true);
      }),
      { numRuns: 5000, seed: 42 },
    );
  });

  it('leaves the server answering, over UDP and TCP', async () => {
    const noise = fc.sample(packets, { numRuns: 500, seed: 43 });
    const udp = createSocket('udp4');
    for (const packet of noise) {
      udp.send(packet, server.port, server.host);
      // The server runs in this very process, and a datagram that finds the buffer full is lost.
      await new Promise((resolve) => setImmediate(resolve));
    }
    udp.close();
    const socket = await connected();
    socket.on('error', () => {}).resume();
    for (const packet of noise) socket.write(packet);
    await new Promise((sent) => socket.write(Buffer.alloc(1), sent));
    socket.destroy();

    expect(await overUdp([query()])).toMatchObject([{ id: 7, answers: [{ data: '127.0.0.1' }] }]);
    const next = await connected();
    next.write(framed(query()));
    expect(await messages(next, 1)).toMatchObject([{ id: 7, answers: [{ data: '127.0.0.1' }] }]);
    next.destroy();
  });
});

it('has one port for UDP and TCP, and another server another', async () => {
  await using other = await DnsServer.start(realClock);
  expect(other.port).not.toBe(server.port);
  const socket = await connected();
  socket.write(framed(query({ id: 1 })));
  expect(await messages(socket, 1)).toMatchObject([{ id: 1 }]);
  expect(await overUdp([query({ id: 2 })])).toMatchObject([{ id: 2 }]);
  socket.destroy();
});
