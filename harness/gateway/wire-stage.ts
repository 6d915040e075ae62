/**
 * The wire stage of a route: TCP connections, before any S3 is spoken. It accepts them, numbers them, counts their bytes, notes
 * when they opened and ended, and hands them on.
 *
 * What acts on bytes and not on requests belongs here, so that a slow wire never looks like a slow S3. While nothing acts, the
 * stage costs nothing: the socket itself is handed on, and node:http reads it without a detour. What has to act on connections
 * that are already open finds all of them in `connections`.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import type { Recorder, WireEvent } from '../history/events.ts';

/**
 * How much of a connection is buffered, in bytes, before the other side is made to wait. Node reads 64 KiB at a time: with its
 * default of 16 KiB, every single read would stop the stream and start it again.
 */
export const CONNECTION_BUFFER = 256 * 1024;

interface Connection {
  number: number;
  opened: number;
  ended?: WireEvent['ended'];
}

export class WireStage {
  readonly connections = new Map<Socket, Connection>();
  readonly #server: Server;
  #count = 0;
  #emptied: (() => void) | undefined;

  private constructor(
    readonly route: string,
    readonly clock: Clock,
    readonly record: Recorder,
    handOn: (socket: Socket, connection: number) => void,
  ) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true, highWaterMark: CONNECTION_BUFFER }, (socket) => {
      const connection: Connection = { number: ++this.#count, opened: clock.now() };
      this.connections.set(socket, connection);
      socket.once('end', () => {
        connection.ended ??= 'client';
      });
      socket.once('error', () => {
        connection.ended ??= 'error';
      });
      socket.once('close', () => this.#closed(socket, connection));
      handOn(socket, connection.number);
    });
  }

  /** Listens on 127.0.0.1 and a free port, and gives every connection, with its number in the route, to `handOn`. */
  static async listen(
    route: string,
    clock: Clock,
    record: Recorder,
    handOn: (socket: Socket, connection: number) => void,
  ): Promise<WireStage> {
    const stage = new WireStage(route, clock, record, handOn);
    stage.#server.listen(0, '127.0.0.1');
    await once(stage.#server, 'listening');
    return stage;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections, ends those that are open, and resolves when all of them are in the history. */
  async close(): Promise<void> {
    this.#server.close();
    if (this.connections.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const socket of this.connections.keys()) socket.destroy();
    await emptied;
  }

  #closed(socket: Socket, connection: Connection): void {
    this.connections.delete(socket);
    this.record({
      t: this.clock.now(),
      type: 'wire',
      route: this.route,
      connection: connection.number,
      opened: connection.opened,
      bytesIn: socket.bytesRead,
      bytesOut: socket.bytesWritten,
      // Whoever ends a connection elsewhere in the gateway just destroys its socket.
      ended: connection.ended ?? 'gateway',
    });
    if (this.connections.size === 0) this.#emptied?.();
  }
}
