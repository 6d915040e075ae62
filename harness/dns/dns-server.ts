/** The DNS server: UDP and TCP on one port of loopback, answering from a zone. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import { encodeMalformed, encodeReply, parseQuery } from './message.ts';
import { Zone } from './zone.ts';

const HOST = '127.0.0.1';
/** A free TCP port is nearly always free for UDP too: one that is not is thrown back, so many times. */
const PORT_TRIES = 20;
/**
 * A query that finds the buffer full is lost, and looks like a server that is silent though nobody told it to be. Linux's own size
 * holds about 250 queries; this is cut to what the kernel allows (there `net.core.rmem_max`, twice the 250 unless it was raised).
 */
const UDP_BUFFER_BYTES = 1024 * 1024;
/** A TCP connection on which nothing comes for so long is closed. Longer than any resolver waits for an answer. */
const TCP_IDLE_MS = 60_000;

export interface AnswerPacket {
  packet: Buffer;
  /** To be sent so many milliseconds later. */
  delayMs: number;
}

export class DnsServer implements AsyncDisposable {
  readonly host = HOST;
  readonly port: number;
  readonly zone = new Zone();
  readonly #clock: Clock;
  readonly #udp: DatagramSocket;
  readonly #tcp: Server;
  readonly #connections = new Set<Socket>();
  /** Answers that are to be sent later. */
  readonly #held = new Set<Cancel>();

  private constructor(clock: Clock, udp: DatagramSocket, tcp: Server) {
    this.#clock = clock;
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = (tcp.address() as AddressInfo).port;
    udp.on('message', (packet, client) => {
      const answer = this.respond(packet, 'udp');
      // A client that has gone is no error of the server's.
      if (answer) this.#whenDue(answer, () => udp.send(answer.packet, client.port, client.address, () => {}));
    });
    // Of one client's packet, never of the socket: the next packet is answered.
    udp.on('error', () => {});
    tcp.on('connection', (socket) => this.#converse(socket));
  }

  /** Listens on 127.0.0.1, on a port that is free for both UDP and TCP. @throws Error when there is none. */
  static async start(clock: Clock): Promise<DnsServer> {
    for (let tries = 1; ; tries++) {
      const tcp = createServer();
      tcp.listen(0, HOST);
      await once(tcp, 'listening');
      const udp = createSocket({ type: 'udp4', recvBufferSize: UDP_BUFFER_BYTES });
      try {
        udp.bind((tcp.address() as AddressInfo).port, HOST);
        await once(udp, 'listening');
        return new DnsServer(clock, udp, tcp);
      } catch (error) {
        tcp.close();
        udp.close();
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries === PORT_TRIES) {
          throw new Error(`DNS server: no port of ${HOST} is free for both UDP and TCP: ${(error as Error).message}`);
        }
      }
    }
  }

  /** The answer to what one packet holds; `undefined` when it gets none. Records the query for a known name. Never throws. */
  respond(packet: Buffer, transport: 'udp' | 'tcp'): AnswerPacket | undefined {
    const parsed = parseQuery(packet);
    if (parsed.kind === 'ignore') return undefined;
    if (parsed.kind === 'malformed') return { packet: encodeMalformed(parsed.id), delayMs: 0 };
    const { query } = parsed;
    const { reply, delayMs = 0, known, rule } = this.zone.answer(query, transport);
    const encoded = reply && encodeReply(query, reply, transport);
    if (known) {
      const given = reply && !encoded?.truncated ? reply.answers : [];
      const asked = query.name.toLowerCase();
      known.record({
        t: this.#clock.now(),
        type: 'dns.query',
        name: known.name,
        ...(asked !== known.name.toLowerCase() && { asked }),
        question: query.type,
        transport,
        answer: !reply ? 'none' : encoded?.truncated ? 'TRUNCATED' : reply.code,
        addresses: given.flatMap((record) => (record.type === 'A' ? [record.data] : [])),
        ...(rule !== undefined && { rule }),
      });
    }
    return encoded && { packet: encoded.packet, delayMs };
  }

  #whenDue({ delayMs }: AnswerPacket, send: () => void): void {
    if (delayMs === 0) {
      send();
      return;
    }
    const cancel = this.#clock.after(delayMs, () => {
      this.#held.delete(cancel);
      send();
    });
    this.#held.add(cancel);
  }

  /** One TCP connection: messages, each after its length in two bytes, as many as the client likes to send. */
  #converse(socket: Socket): void {
    this.#connections.add(socket);
    let received: Buffer = Buffer.alloc(0);
    let cancelIdle: Cancel = () => {};
    const waitOn = () => {
      cancelIdle();
      cancelIdle = this.#clock.after(TCP_IDLE_MS, () => socket.destroy());
    };
    waitOn();
    socket.on('data', (chunk) => {
      waitOn();
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      let offset = 0;
      while (received.length - offset >= 2) {
        const end = offset + 2 + received.readUInt16BE(offset);
        if (received.length < end) break;
        const answer = this.respond(received.subarray(offset + 2, end), 'tcp');
        if (answer) {
          const { packet } = answer;
          this.#whenDue(answer, () => socket.write(Buffer.concat([lengthOf(packet), packet])));
        }
        offset = end;
      }
      received = received.subarray(offset);
      // A client that asks and does not read is not listened to until it does.
      if (socket.writableNeedDrain) socket.pause();
    });
    socket.on('drain', () => socket.resume());
    socket.on('error', () => {});
    socket.on('close', () => {
      cancelIdle();
      this.#connections.delete(socket);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = Promise.all([once(this.#udp, 'close'), once(this.#tcp, 'close')]);
    for (const cancel of this.#held) cancel();
    this.#udp.close();
    this.#tcp.close();
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}

function lengthOf(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return length;
}
