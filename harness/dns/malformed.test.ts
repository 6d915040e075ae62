/** Whatever comes in, over whatever transport, harms nobody: neither the server nor the resolver that gets it as an answer. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { type Answer, AUTHORITATIVE_ANSWER, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { DnsQueryEvent } from '../history/events.ts';
import { DnsServer } from './dns-server.ts';
import { type GoResolverOptions, goResolver } from './go-resolver.ts';
import { malformed, pointersToPointers, queriesFor } from './malformed-packets.ts';
import { DnsError } from './resolver.ts';
import { type Asked, scriptedServer } from './scripted-server.ts';

const name = 'one.s3.chaos.test';
const never = new AbortController().signal;
const whole = queriesFor(name, `bucket.${name}`, `${name}.svc.cluster.local`, 'many.s3.chaos.test', 'example.com');

let server: DnsServer;
let queries: DnsQueryEvent[];

beforeAll(async () => {
  server = await DnsServer.start(realClock);
  queries = [];
  const record = (event: unknown) => queries.push(event as DnsQueryEvent);
  const addresses = Array.from({ length: 60 }, (_, n) => `127.0.1.${n}`);
  server.zone.add({ name, addresses: ['127.0.0.1'], ttlSeconds: 5, record });
  server.zone.add({ name: 'many.s3.chaos.test', addresses, ttlSeconds: 5, record });
});
afterAll(() => server[Symbol.asyncDispose]());

/**
 * Milliseconds of the processor that some work needs: the least of several turns, as a garbage collection or a compilation that
 * falls into one turn is no trait of the work, and a packet that is costly is costly each time.
 */
async function needed(work: () => unknown, many = 3): Promise<number> {
  const turns: number[] = [];
  for (let turn = 0; turn < many; turn++) {
    const began = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(began);
    turns.push((user + system) / 1000);
  }
  return Math.min(...turns);
}

/** The server answers as ever, over UDP and TCP. */
async function expectAnswers() {
  for (const transport of ['udp', 'tcp'] as const) {
    const resolver = goResolver({ servers: [server], clock: realClock });
    if (transport === 'tcp') server.zone.fail(name, { rule: 'r', mode: 'truncated', tcp: 'answers' });
    expect(await resolver.resolve(name, never)).toEqual(['127.0.0.1']);
    expect(queries.at(-1)).toMatchObject({ transport });
    if (transport === 'tcp') server.zone.heal(name);
  }
}

describe('the server', () => {
  it('answers 12,000 packets with their ids, unless they have none or are responses', async () => {
    const suspects: { packet: Buffer; transport: 'udp' | 'tcp' }[] = [];
    await fc.assert(
      fc.asyncProperty(malformed(whole), fc.constantFrom('udp' as const, 'tcp' as const), async (packet, transport) => {
        let answer: Buffer | undefined;
        const took = await needed(() => {
          answer = server.respond(packet, transport)?.packet;
        }, 1);
        if (took >= 100) suspects.push({ packet, transport });
        if (packet.length < 2 || (packet.length > 2 && packet.readUInt8(2) >= 0x80)) {
          expect(answer).toBeUndefined();
          return;
        }
        expect(answer?.readUInt16BE(0)).toBe(packet.readUInt16BE(0));
        expect(decode(answer as Buffer).flag_qr).toBe(true);
      }),
      { numRuns: 12_000, seed: 42 },
    );
    // The codec alone takes about half a second for the worst (below). The largest of these take some 60 ms, and 100 on a slow machine.
    for (const { packet, transport } of suspects) {
      expect(await needed(() => server.respond(packet, transport), 10)).toBeLessThan(300);
    }
  });

  it('spends no time on pointers to pointers', async () => {
    const evil = [512, 1232, 4096, 65_000].map(pointersToPointers);
    // The codec alone takes about half a second for the largest.
    const tenTurns = () => {
      for (let turn = 0; turn < 10; turn++) for (const packet of evil) server.respond(packet, 'tcp');
    };
    expect(await needed(tenTurns)).toBeLessThan(500);
    expect(server.respond(pointersToPointers(65_000), 'tcp')?.packet.readUInt8(3)).toBe(1);
  });

  it('answers after 1,500 of them over UDP', async () => {
    const noise = fc.sample(malformed(whole), { numRuns: 1500, seed: 43 });
    const socket = createSocket('udp4');
    for (const packet of noise) {
      socket.send(packet, server.port, server.host, () => {});
      // The server runs in this very process, and a datagram that finds the buffer full is lost.
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.close();
    await expectAnswers();
  });

  /** How a message gets into a TCP connection. */
  const framings = fc.constantFrom(
    'as it should',
    'no length',
    'too long',
    'too short',
    'two bytes at a time',
    'cut off',
  );

  it('answers after 1,500 of them over TCP, framed wrongly, in pieces, and cut off', async () => {
    const noise = fc.sample(fc.tuple(malformed(whole), framings), { numRuns: 1500, seed: 44 });
    for (let from = 0; from < noise.length; from += 50) {
      await Promise.all(
        noise.slice(from, from + 50).map(async ([packet, framing]) => {
          const socket = connect(server.port, server.host);
          socket.on('error', () => {}).resume();
          const length = Buffer.alloc(2);
          length.writeUInt16BE(
            Math.max(
              0,
              Math.min(0xffff, packet.length + (framing === 'too long' ? 500 : framing === 'too short' ? -5 : 0)),
            ),
          );
          const bytes = framing === 'no length' ? packet : Buffer.concat([length, packet]);
          if (framing === 'two bytes at a time') {
            for (let at = 0; at < Math.min(bytes.length, 60); at += 2) {
              socket.write(bytes.subarray(at, at + 2));
              await new Promise((resolve) => setImmediate(resolve));
            }
          } else socket.write(bytes);
          await new Promise((sent) => socket.write(Buffer.alloc(1), sent));
          if (framing === 'cut off') socket.resetAndDestroy();
          else socket.end();
          if (!socket.destroyed) await once(socket, 'close');
        }),
      );
    }
    await expectAnswers();
  });

  it.runIf(process.platform === 'linux')('takes no more memory than what 300 half messages need', async () => {
    const { startDns } = await import('./dns.ts');
    await using dns = await startDns();
    const resident = async () =>
      Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${dns.pid}/status`, 'utf8'))?.[1]) / 1024;
    const before = await resident();
    // Each promises the longest message there is, and keeps the last byte back; then more clients come, and noise over UDP.
    const half = Buffer.concat([Buffer.from([0xff, 0xff]), Buffer.alloc(0xfffe, 7)]);
    const sockets = Array.from({ length: 300 }, () => connect(dns.port, dns.host).on('error', () => {}));
    await Promise.all(sockets.map((socket) => new Promise((sent) => socket.write(half, sent))));
    const noise = fc.sample(malformed(whole), { numRuns: 3000, seed: 45 });
    const udp = createSocket('udp4');
    for (const packet of noise) await new Promise((sent) => udp.send(packet, dns.port, dns.host, sent));
    udp.close();
    const after = await resident();
    // 300 half messages are 19 MiB; the rest is what a process grows by as it warms up.
    expect(after - before).toBeLessThan(100);
    const resolver = goResolver({ servers: [dns], clock: realClock, attempts: 5 });
    await expect(resolver.resolve(name, never)).rejects.toThrow('no such host');
    for (const socket of sockets) socket.destroy();
  });
});

describe('the resolver of Go', () => {
  const a = (data: string): Answer => ({ type: 'A', name, ttl: 1, data });
  const options: Partial<GoResolverOptions> = { attempts: 1, timeoutMs: 100 };

  /** What a server might have answered, before it was spoilt: `id` and question are to be put in. */
  const answers = [0, TRUNCATED_RESPONSE, 2, 3, 5].flatMap((flags) =>
    [[], [a('127.0.0.1')], [{ type: 'CNAME', name, data: 'y.test' } as Answer, a('127.0.0.2')]].map((records) =>
      encode({
        type: 'response',
        id: 0,
        flags: AUTHORITATIVE_ANSWER | flags,
        questions: [{ name, type: 'A' }],
        answers: records,
      }),
    ),
  );

  it('takes each of 2,000 answers for addresses or for an error, and asks on', async () => {
    const spoilt = fc.sample(malformed(answers), { numRuns: 2000, seed: 46 });
    let next = 0;
    const give = (asked: Asked) => {
      const packet = Buffer.from(spoilt[next++ % spoilt.length] as Buffer);
      if (packet.length >= 2) packet.writeUInt16BE(asked.id, 0);
      // Every other one is to get past the first look: a response with one question, the right one.
      const question = asked.packet.subarray(12, asked.packet.indexOf(0, 12) + 5);
      if (next % 2 === 0 && packet.length >= 12 + question.length) {
        packet.writeUInt8(packet.readUInt8(2) | 0x80, 2);
        packet.writeUInt16BE(1, 4);
        question.copy(packet, 12);
      }
      return [packet];
    };
    await using scripted = await scriptedServer(give);
    const resolver = goResolver({ servers: [scripted], clock: realClock, ...options });
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    while (next < spoilt.length) {
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          // Each with a look-up of its own: those of one name would be shared.
          const own = goResolver({ servers: [scripted], clock: realClock, ...options });
          try {
            const addresses = await own.resolve(name, new AbortController().signal);
            expect(addresses.length).toBeGreaterThan(0);
            count('addresses');
          } catch (error) {
            if (!(error instanceof DnsError)) throw error;
            count(error.kind);
          }
        }),
      );
    }
    // What was sent was bad enough, and not so bad that nothing of it was looked at.
    for (const outcome of ['addresses', 'no-such-host', 'server-misbehaving', 'timeout']) {
      expect(outcomes.get(outcome), outcome).toBeGreaterThan(0);
    }
    next = 0;
    spoilt.splice(0, spoilt.length, answers[1] as Buffer);
    expect(await resolver.resolve(name, never)).toContain('127.0.0.1');
  });

  it('reads no more of a UDP answer than it said that it takes', async () => {
    const evil = pointersToPointers(60_000);
    const question = encode({ type: 'query', questions: [{ name, type: 'A' }] }).subarray(12);
    await using scripted = await scriptedServer(({ id, type }) => {
      const packet = Buffer.from(evil);
      packet.writeUInt16BE(id, 0);
      packet[2] = 0x84;
      question.copy(packet, 12);
      packet[12 + question.length - 3] = type === 'A' ? 1 : 28;
      return [packet];
    });
    const look = async () => {
      const looking = goResolver({ servers: [scripted], clock: realClock, ...options }).resolve(name, never);
      await expect(looking).rejects.toThrow('cannot unmarshal DNS message');
    };
    expect(await needed(look)).toBeLessThan(250);
  });
});
