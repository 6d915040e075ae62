import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode, type Packet } from 'dns-packet';
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
    ['refused', 'EREFUSED'],
    ['empty', 'ENODATA'],
    ['silent', 'ETIMEOUT'],
  ] as const)('fails as it is told: %s', async (mode, code) => {
    server.zone.fail(name, { rule: 'r', mode });
    await expect(resolver.resolve4(name)).rejects.toMatchObject({ code });
    expect(server.zone.heal(name).fired).toBe(queries.length);
    expect(queries.length).toBeGreaterThan(0);
    expect(await resolver.resolve4(name)).toEqual(['127.0.0.1']);
  });

  it('is led elsewhere by an answer that is out of date', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'stale', addresses: ['127.0.0.66'], ttlSeconds: 300 });
    expect(await resolver.resolve4(name, { ttl: true })).toEqual([{ address: '127.0.0.66', ttl: 300 }]);
    expect(queries).toMatchObject([{ answer: 'NOERROR', addresses: ['127.0.0.66'], rule: 'r' }]);
  });

  it('is made to ask over TCP by an answer that is truncated', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'truncated', tcp: 'answers' });
    expect(await resolver.resolve4(name)).toEqual(['127.0.0.1']);
    expect(queries).toMatchObject([
      { transport: 'udp', answer: 'TRUNCATED', addresses: [], rule: 'r' },
      { transport: 'tcp', answer: 'NOERROR', addresses: ['127.0.0.1'] },
    ]);
    expect(queries[1]).not.toHaveProperty('rule');
    expect(server.zone.heal(name)).toEqual({ fired: 1, considered: 2 });
  });

  it('gets no answer over TCP either, when it is told so', async () => {
    server.zone.fail(name, { rule: 'r', mode: 'truncated', tcp: 'silent' });
    await expect(resolver.resolve4(name)).rejects.toMatchObject({ code: 'ETIMEOUT' });
    expect(queries.at(-1)).toMatchObject({ transport: 'tcp', answer: 'none', rule: 'r' });
  });

  it('finds what is one label below', async () => {
    expect(await resolver.resolve4(`bucket.${name}`)).toEqual(['127.0.0.1']);
    expect(queries).toMatchObject([{ name, asked: `bucket.${name}` }]);
  });
});

describe('a slow answer', () => {
  it.each(['udp', 'tcp'] as const)(
    'comes when it is due, over %s, and others do not wait for it',
    async (transport) => {
      const clock = new VirtualClock();
      await using slow = await DnsServer.start(clock);
      slow.zone.add({ name, addresses: ['127.0.0.1'], ttlSeconds: 5, record() {} });
      slow.zone.add({ name: 'two.s3.chaos.test', addresses: ['127.0.0.2'], ttlSeconds: 5, record() {} });
      slow.zone.fail(name, { rule: 'r', mode: 'slow', delayMs: 3000 });
      const came: number[] = [];
      const socket = createSocket('udp4');
      const connection = connect(slow.port, slow.host);
      socket.on('message', (packet) => came.push(packet.readUInt16BE(0)));
      connection.on('data', (packet) => came.push(packet.readUInt16BE(2)));
      const questions: [number, string][] = [
        [1, name],
        [2, 'two.s3.chaos.test'],
      ];
      for (const [id, asked] of questions) {
        const packet = query({ id, questions: [{ name: asked, type: 'A' }] });
        if (transport === 'udp') socket.send(packet, slow.port, slow.host);
        else connection.write(framed(packet));
      }
      while (came.length < 1) await realClock.sleep(5);
      await clock.advance(2999);
      await realClock.sleep(30);
      expect(came).toEqual([2]);
      await clock.advance(1);
      while (came.length < 2) await realClock.sleep(5);
      expect(came).toEqual([2, 1]);
      connection.destroy();
      socket.close();
    },
  );

  it('is not sent any more by a server that is closed, nor to a client that has gone', async () => {
    const clock = new VirtualClock();
    const slow = await DnsServer.start(clock);
    slow.zone.add({ name, addresses: ['127.0.0.1'], ttlSeconds: 5, record: (event) => queries.push(event as never) });
    slow.zone.fail(name, { rule: 'r', mode: 'slow', delayMs: 3000 });
    const socket = createSocket('udp4');
    const gone = connect(slow.port, slow.host);
    gone.write(framed(query()));
    while (queries.length < 1) await realClock.sleep(5);
    gone.resetAndDestroy();
    await realClock.sleep(20);
    await clock.advance(3000);
    socket.send(query(), slow.port, slow.host);
    while (queries.length < 2) await realClock.sleep(5);
    await slow[Symbol.asyncDispose]();
    // Sending on a closed socket would throw.
    await clock.advance(3000);
    socket.close();
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
    expect(server.zone.evidence(name)).toEqual({ fired: 1, considered: 1 });
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

it('has one port for UDP and TCP, and another server another', async () => {
  await using other = await DnsServer.start(realClock);
  expect(other.port).not.toBe(server.port);
  const socket = await connected();
  socket.write(framed(query({ id: 1 })));
  expect(await messages(socket, 1)).toMatchObject([{ id: 1 }]);
  expect(await overUdp([query({ id: 2 })])).toMatchObject([{ id: 2 }]);
  socket.destroy();
});
