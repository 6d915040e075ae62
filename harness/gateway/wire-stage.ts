/**
 * The wire stage of a route: TCP connections, before any S3 is spoken. It accepts them, numbers them, counts their bytes, notes
 * when they opened and ended, ends their TLS if the route speaks it, and hands them on.
 *
 * What acts on bytes and handshakes and not on requests belongs here, so that a slow wire never looks like a slow S3. While nothing
 * acts, the stage costs nothing: the socket itself is handed on, and node:http reads it without a detour. What has to act on
 * connections that are already open finds all of them (`cap`).
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Recorder, WireEvent } from '../history/events.ts';
import type { ServerCertificate } from './protocol.ts';
import { RULE_SEPARATOR } from './ruled-by.ts';
import { type CappedConnection, SharedCap } from './shared-cap.ts';
import { TlsEnd } from './tls-end.ts';

/**
 * How much of a connection is buffered, in bytes, before the other side is made to wait. Node reads 64 KiB at a time: with its
 * default of 16 KiB, every single read would stop the stream and start it again.
 */
export const CONNECTION_BUFFER = 256 * 1024;

/** Connections that wait to be accepted. Node's own 511 are too few for a thousand writers that come back at once. */
const BACKLOG = 4096;

interface Connection extends CappedConnection {
  opened: number;
  ended?: WireEvent['ended'];
}

export interface WireStageOptions {
  route: string;
  clock: Clock;
  record: Recorder;
  /** The route speaks TLS, and shows this. */
  tls?: ServerCertificate | undefined;
  /**
   * Gets every connection, of TLS the decrypted one, with its number in the route, and what tells when those bytes came in that are being read
   * from it.
   */
  handOn: (socket: Socket, connection: number, arrival: () => number) => void;
}

export class WireStage {
  readonly clock: Clock;
  readonly cap: SharedCap;
  readonly tls: TlsEnd | undefined;
  readonly #options: WireStageOptions;
  readonly #connections = new Map<Socket, Connection>();
  readonly #server: Server;
  #count = 0;
  #emptied: (() => void) | undefined;

  private constructor(options: WireStageOptions) {
    const { route, clock, record, tls } = options;
    this.#options = options;
    this.clock = clock;
    this.cap = new SharedCap(clock);
    this.tls = tls && new TlsEnd({ route, certificate: tls, buffer: CONNECTION_BUFFER, clock, record });
    const server = { allowHalfOpen: true, noDelay: true, highWaterMark: CONNECTION_BUFFER };
    this.#server = createServer(server, (socket) => this.#accept(socket));
  }

  /** Listens on 127.0.0.1 and a free port. @throws Error when the certificate is none. */
  static async listen(options: WireStageOptions): Promise<WireStage> {
    const stage = new WireStage(options);
    stage.#server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
    await once(stage.#server, 'listening');
    return stage;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections, ends those that are open, and resolves when all of them are in the history. */
  async close(): Promise<void> {
    this.#server.close();
    if (this.#connections.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const socket of this.#connections.keys()) socket.destroy();
    await emptied;
  }

  #accept(socket: Socket): void {
    const connection: Connection = { number: ++this.#count, opened: this.clock.now(), heldBy: new Set() };
    this.#connections.set(socket, connection);
    socket.once('close', () => this.#closed(socket, connection));
    notice(socket, connection);
    if (this.tls) {
      this.tls.begin(socket, connection.number, (secured) => {
        notice(secured, connection);
        this.#handOn(secured, connection);
      });
    } else {
      this.#handOn(socket, connection);
    }
  }

  #handOn(socket: Socket, connection: Connection): void {
    this.#options.handOn(socket, connection.number, () => this.cap.arrivalOf(socket) ?? this.clock.now());
    this.cap.join(socket, connection);
  }

  #closed(socket: Socket, connection: Connection): void {
    this.#connections.delete(socket);
    this.#options.record({
      t: this.clock.now(),
      type: 'wire',
      route: this.#options.route,
      connection: connection.number,
      opened: connection.opened,
      bytesIn: socket.bytesRead,
      bytesOut: socket.bytesWritten,
      // Whoever ends a connection elsewhere in the gateway just destroys its socket.
      ended: connection.ended ?? 'gateway',
      ...(connection.heldBy.size > 0 && { rule: [...connection.heldBy].join(RULE_SEPARATOR) }),
    });
    if (this.#connections.size === 0) this.#emptied?.();
  }
}

/** Notes who ends the connection. */
function notice(socket: Socket, connection: Connection): void {
  socket.once('end', () => {
    connection.ended ??= 'client';
  });
  socket.on('error', () => {
    connection.ended ??= 'error';
  });
}
