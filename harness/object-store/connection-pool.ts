/**
 * The connections of one S3 client, kept as Go's transport keeps them: idle ones up to a number and for a time, the last used
 * first; open ones not capped. Each new connection looks the name up anew (so a DNS fault shows on new connections only). Unlike
 * Go's, a request that finds no idle connection waits for its own dial, even if another is given back meanwhile.
 */
import type { Socket } from 'node:net';
import type { Cancel } from '../clock.ts';
import type { Phases } from '../history/events.ts';
import { type DialOptions, dial, type Origin } from './dial.ts';

export interface Connection {
  /** 1 for the first of the pool. */
  readonly id: number;
  readonly socket: Socket;
  /** Requests that were sent on it before. */
  uses: number;
}

export interface PoolOptions extends DialOptions {
  /** Milliseconds. */
  idleConnectionTimeout: number;
  maxIdleConnections: number;
}

interface Idle {
  connection: Connection;
  leave: () => void;
}

export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #idle = new Map<string, Idle[]>();
  #count = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** An idle connection, or a new one. @throws DialError, or the signal's reason. */
  async take(origin: Origin, phases: Phases, signal: AbortSignal): Promise<Connection> {
    const idle = this.#of(origin).at(-1);
    if (idle) {
      idle.leave();
      idle.connection.uses++;
      return idle.connection;
    }
    const socket = await dial(origin, this.#options, phases, signal);
    return { id: ++this.#count, socket, uses: 0 };
  }

  /** Takes a connection back whose last answer was read to its end. Closes it when enough are idle. */
  give(origin: Origin, connection: Connection): void {
    const { socket } = connection;
    const idle = this.#of(origin);
    if (this.#closed || socket.destroyed || !socket.writable || idle.length >= this.#options.maxIdleConnections) {
      socket.destroy();
      return;
    }
    // Whatever comes on an idle connection (its end, or bytes nobody asked for) makes it unfit for the next request.
    const events = ['end', 'close', 'error', 'data'];
    const drop = () => {
      entry.leave();
      socket.destroy();
    };
    const cancel: Cancel = this.#options.clock.after(this.#options.idleConnectionTimeout, drop);
    const entry: Idle = {
      connection,
      leave: () => {
        cancel();
        for (const event of events) socket.off(event, drop);
        const index = idle.indexOf(entry);
        if (index >= 0) idle.splice(index, 1);
      },
    };
    for (const event of events) socket.on(event, drop);
    idle.push(entry);
  }

  /** Connections that wait for a request. */
  get idle(): number {
    return [...this.#idle.values()].reduce((sum, list) => sum + list.length, 0);
  }

  /** Closes the idle connections, and those in use as soon as they are given back. */
  close(): void {
    this.#closed = true;
    for (const { connection } of [...this.#idle.values()].flat()) connection.socket.destroy();
  }

  #of({ host, port, secure }: Origin): Idle[] {
    const name = `${secure ? 'https' : 'http'}://${host}:${port}`;
    const list = this.#idle.get(name) ?? [];
    this.#idle.set(name, list);
    return list;
  }
}
