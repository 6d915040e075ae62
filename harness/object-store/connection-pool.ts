/**
 * The connections of one S3 client, kept as Go's transport keeps them: idle ones up to a number and for a time, the last used
 * first; open ones capped only if the policy says so (`MaxConnsPerHost`). Each new connection looks the name up anew (so a DNS fault
 * shows on new connections only). Unlike Go's, a request that may open a connection waits for its own dial, even if another is given
 * back meanwhile.
 *
 * With a cap, a request beyond it waits in line. Whoever is first in line gets the connection that is given back, or the place of one
 * that is gone, and opens another.
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
  /** Open ones at most, for each origin; 0: any number. */
  maxConnections: number;
  /** Without, a connection serves one request. */
  keepAlive: boolean;
}

interface Idle {
  connection: Connection;
  leave: () => void;
}

/** The connections to one origin. */
interface Host {
  idle: Idle[];
  /** Places taken: connections that are open or being opened. */
  taken: number;
  /** Told in turn: a connection that was given back, or `undefined` for a place to open one in. */
  line: ((connection: Connection | undefined) => void)[];
}

export class ConnectionPool {
  readonly #options: PoolOptions;
  readonly #hosts = new Map<string, Host>();
  #count = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** An idle connection, or a new one. @throws DialError, or the signal's reason. */
  async take(origin: Origin, phases: Phases, signal: AbortSignal): Promise<Connection> {
    const host = this.#of(origin);
    const idle = host.idle.at(-1);
    if (idle) {
      idle.leave();
      idle.connection.uses++;
      return idle.connection;
    }
    const { maxConnections } = this.#options;
    if (maxConnections > 0 && host.taken >= maxConnections) {
      const given = await this.#turn(host, phases, signal);
      if (given) {
        given.uses++;
        return given;
      }
    } else host.taken++;
    let socket: Socket;
    try {
      socket = await dial(origin, this.#options, phases, signal);
    } catch (error) {
      leavePlace(host);
      throw error;
    }
    if (socket.closed) leavePlace(host);
    else socket.once('close', () => leavePlace(host));
    return { id: ++this.#count, socket, uses: 0 };
  }

  /** Waits in line. @throws the signal's reason. */
  async #turn(host: Host, phases: Phases, signal: AbortSignal): Promise<Connection | undefined> {
    const { clock } = this.#options;
    const began = clock.now();
    let onAbort = () => {};
    try {
      return await new Promise((resolve, reject) => {
        host.line.push(resolve);
        onAbort = () => {
          const index = host.line.indexOf(resolve);
          // Whose turn has come already goes on, and finds out when it dials or sends.
          if (index < 0) return;
          host.line.splice(index, 1);
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      phases.socket = (phases.socket ?? 0) + clock.now() - began;
    }
  }

  /** Takes a connection back whose last answer was read to its end. Closes it when enough are idle. */
  give(origin: Origin, connection: Connection): void {
    const { socket } = connection;
    const { idle, line } = this.#of(origin);
    const { keepAlive, maxIdleConnections } = this.#options;
    if (this.#closed || !keepAlive || socket.destroyed || !socket.writable) {
      socket.destroy();
      return;
    }
    const next = line.shift();
    if (next) {
      next(connection);
      return;
    }
    if (idle.length >= maxIdleConnections) {
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
    return [...this.#hosts.values()].reduce((sum, { idle }) => sum + idle.length, 0);
  }

  /** Closes the idle connections, and those in use as soon as they are given back. */
  close(): void {
    this.#closed = true;
    for (const { idle } of this.#hosts.values()) for (const { connection } of [...idle]) connection.socket.destroy();
  }

  #of({ host, port, secure }: Origin): Host {
    const name = `${secure ? 'https' : 'http'}://${host}:${port}`;
    const found = this.#hosts.get(name) ?? { idle: [], taken: 0, line: [] };
    this.#hosts.set(name, found);
    return found;
  }
}

/** A connection is gone, or did not come about: its place goes to the first in line. */
function leavePlace(host: Host): void {
  const next = host.line.shift();
  if (next) next(undefined);
  else host.taken--;
}
