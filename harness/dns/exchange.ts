/**
 * One question to one DNS server, as Go asks it (`exchange` in its net/dnsclient_unix.go):
 *
 * 1. Send it over UDP, from a socket of its own that takes packets from this server alone.
 * 2. Ignore what is no answer to it (another id, another question): the true one may still come.
 * 3. A truncated answer is thrown away, and the question sent over TCP, with the whole timeout anew.
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, isIPv6, type Socket } from 'node:net';
import { type DecodedPacket, decode, encode, RECURSION_DESIRED } from 'dns-packet';
import type { Clock } from '../clock.ts';
import type { DnsErrorKind } from './resolver.ts';

export interface DnsServerAddress {
  /** An IP address: who resolves names cannot be asked for his own. */
  host: string;
  port: number;
}

/** When to stop waiting for an answer. */
export interface Limits {
  /** For each of UDP and TCP. */
  timeoutMs: number;
  clock: Clock;
  signal: AbortSignal;
}

/** Why one server gave no answer that can be used. The next one may. */
export class ExchangeError extends Error {
  constructor(
    readonly kind: DnsErrorKind,
    message: string,
    readonly temporary: boolean,
  ) {
    super(message);
  }
}

/** How Go writes a server's address. */
export function addressOf({ host, port }: DnsServerAddress): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

/** What Go says that it takes over UDP: its `maxDNSPacketSize`. */
const UDP_PAYLOAD_BYTES = 1232;
const HEADER_BYTES = 12;

/**
 * @param name without a dot at the end.
 * @throws ExchangeError when there is no usable answer in time; the signal's reason when it is aborted. No socket is left open.
 */
export async function exchange(
  server: DnsServerAddress,
  name: string,
  type: 'A' | 'AAAA',
  limits: Limits,
): Promise<DecodedPacket> {
  const question = newQuestion(name, type);
  // As Go does, which reads into a buffer of that size: what is behind is lost.
  const answer = read((await askOverUdp(server, question, limits)).subarray(0, UDP_PAYLOAD_BYTES));
  // What comes over TCP is taken as it is, even if it says that it is truncated.
  return answer.flag_tc ? read(await askOverTcp(server, question, limits)) : answer;
}

function newQuestion(name: string, type: 'A' | 'AAAA'): Buffer {
  return encode({
    type: 'query',
    // Chance, but not the run's: an id must not be foreseen, and nothing that is judged hangs on it.
    id: randomInt(0x10000),
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_PAYLOAD_BYTES,
        extendedRcode: 0,
        ednsVersion: 0,
        flags: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
}

/** Whether `packet` is a response to `question`: the same id, and the same question, whatever its case. */
function answers(packet: Buffer, question: Buffer): boolean {
  const end = questionEnd(question);
  return (
    packet.length >= end &&
    packet.readUInt16BE(0) === question.readUInt16BE(0) &&
    ((packet[2] ?? 0) & 0x80) !== 0 &&
    packet.readUInt16BE(4) === 1 &&
    packet.toString('latin1', HEADER_BYTES, end).toLowerCase() ===
      question.toString('latin1', HEADER_BYTES, end).toLowerCase()
  );
}

/** Where the one question of a packet of ours ends: after its name, type and class. */
function questionEnd(question: Buffer): number {
  return question.indexOf(0, HEADER_BYTES) + 5;
}

function read(packet: Buffer): DecodedPacket {
  try {
    const answer = decode(packet);
    // The codec reads past the end of an address that is cut short.
    if (decode.bytes <= packet.length) return answer;
  } catch {
    // Told below.
  }
  throw new ExchangeError('server-misbehaving', 'cannot unmarshal DNS message', false);
}

async function askOverUdp(server: DnsServerAddress, question: Buffer, limits: Limits): Promise<Buffer> {
  const socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4');
  let local = '';
  try {
    return await limited(
      limits,
      () => `read udp ${local}->${addressOf(server)}: i/o timeout`,
      async (fail) => {
        socket.on('error', (error) => fail(networkError('udp', local, server, error)));
        // Connected, the kernel takes packets from this address alone, and tells when nothing listens there.
        socket.connect(server.port, server.host);
        await once(socket, 'connect');
        const { address, port } = socket.address();
        local = addressOf({ host: address, port });
        return new Promise<Buffer>((resolve) => {
          socket.on('message', (packet) => {
            if (answers(packet, question)) resolve(packet);
          });
          socket.send(question, (error) => error && fail(networkError('udp', local, server, error)));
        });
      },
    );
  } finally {
    socket.close();
  }
}

async function askOverTcp(server: DnsServerAddress, question: Buffer, limits: Limits): Promise<Buffer> {
  const socket = connect(server.port, server.host);
  let local = '';
  try {
    return await limited(
      limits,
      () => `${local ? `read tcp ${local}->` : 'dial tcp '}${addressOf(server)}: i/o timeout`,
      async (fail) => {
        socket.on('error', (error) => fail(networkError('tcp', local, server, error)));
        await once(socket, 'connect');
        local = addressOf({ host: socket.localAddress ?? '', port: socket.localPort ?? 0 });
        const length = Buffer.alloc(2);
        length.writeUInt16BE(question.length);
        socket.write(Buffer.concat([length, question]));
        const packet = await readMessage(socket);
        if (!packet) throw new ExchangeError('network', 'EOF', false);
        if (!answers(packet, question)) throw new ExchangeError('server-misbehaving', 'invalid DNS response', false);
        return packet;
      },
    );
  } finally {
    socket.destroy();
  }
}

/** The first message on the connection; `undefined` when it ends before the message does. */
function readMessage(socket: Socket): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const end = 2 + received.readUInt16BE(0);
      if (received.length >= end) resolve(received.subarray(2, end));
    });
    socket.on('end', () => resolve(undefined));
  });
}

/** Runs `ask` until it settles, it calls `fail`, the time is over, or the signal is aborted: whichever is first. */
async function limited<T>(
  { timeoutMs, clock, signal }: Limits,
  timeoutMessage: () => string,
  ask: (fail: (error: Error) => void) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  let stopWaiting = () => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      const onAbort = () => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      const cancel = clock.after(timeoutMs, () => reject(new ExchangeError('timeout', timeoutMessage(), true)));
      stopWaiting = () => {
        cancel();
        signal.removeEventListener('abort', onAbort);
      };
      ask(reject).then(resolve, reject);
    });
  } finally {
    stopWaiting();
  }
}

/** As Go words what the operating system says of a socket. `local` is empty as long as there is no connection. */
function networkError(network: 'udp' | 'tcp', local: string, server: DnsServerAddress, error: Error): ExchangeError {
  const reasons: Record<string, string> = {
    ECONNREFUSED: 'connection refused',
    ECONNRESET: 'connection reset by peer',
    EPIPE: 'broken pipe',
    ENETUNREACH: 'network is unreachable',
    EHOSTUNREACH: 'no route to host',
  };
  const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message;
  const remote = addressOf(server);
  const where = local ? `read ${network} ${local}->${remote}: read` : `dial ${network} ${remote}: connect`;
  return new ExchangeError('network', `${where}: ${reason}`, true);
}
