/**
 * The connections of a route to its S3 server: one request at a time on each, kept for the next. A connection that has been idle
 * for some seconds is closed from our side, well before the server would: one that both ends may close is sooner or later used
 * just when the other end closes it.
 */
import { connect, type Socket } from 'node:net';
import type { Cancel, Clock } from '../clock.ts';
import { type AnswerListener, AnswerParser } from './answer-parser.ts';
import { CONNECTION_BUFFER } from './wire-stage.ts';

/** Milliseconds. MinIO closes idle connections after 30 s (`--idle-timeout`), Amazon S3 after about 20 s. */
const LONGEST_IDLE_MS = 4000;

export interface UpstreamListener extends AnswerListener {
  /** What was written has left: more may be. */
  drain(): void;
  /** The connection failed, or ended before the answer was whole. */
  failed(error: NodeJS.ErrnoException): void;
}

/** The server ended the connection in the middle, in an orderly way. */
function endOfFile(): NodeJS.ErrnoException {
  return Object.assign(new Error('the connection was ended before the answer was whole'), { code: 'EOF' });
}

export class Upstream {
  readonly #idle: UpstreamConnection[] = [];
  #sweep: Cancel | undefined;

  constructor(
    readonly address: { host: string; port: number },
    readonly clock: Clock,
  ) {}

  /** A connection to send one request on: the one that was idle for the shortest time, or a new one. */
  take(): UpstreamConnection {
    const kept = this.#idle.pop();
    if (kept) kept.reused = true;
    return kept ?? new UpstreamConnection(this);
  }

  /** Called by a connection that may carry another request. */
  keep(connection: UpstreamConnection): void {
    connection.idleSince = this.clock.now();
    this.#idle.push(connection);
    this.#sweep ??= this.clock.after(LONGEST_IDLE_MS, () => this.#closeIdle());
  }

  /** Called by a connection that has ended. */
  forget(connection: UpstreamConnection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  /** Closes the idle connections. The others are closed by those who use them. */
  close(): void {
    this.#sweep?.();
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  #closeIdle(): void {
    this.#sweep = undefined;
    const now = this.clock.now();
    // The first in the list was kept first.
    while (this.#idle[0] && now - this.#idle[0].idleSince >= LONGEST_IDLE_MS) this.#idle.shift()?.destroy();
    const [next] = this.#idle;
    if (next) this.#sweep = this.clock.after(next.idleSince + LONGEST_IDLE_MS - now, () => this.#closeIdle());
  }
}

export class UpstreamConnection {
  /** Whether it has carried a request before. */
  reused = false;
  /** Milliseconds on the clock. */
  idleSince = 0;
  readonly #upstream: Upstream;
  readonly #socket: Socket;
  readonly #parser = new AnswerParser();
  #listener: UpstreamListener | undefined;

  constructor(upstream: Upstream) {
    this.#upstream = upstream;
    // The buffer's size is not in the types: it is handed to the stream.
    const options = { ...upstream.address, noDelay: true, highWaterMark: CONNECTION_BUFFER };
    this.#socket = connect(options);
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('drain', () => this.#listener?.drain());
    this.#socket.on('error', (error) => this.#end(error));
    this.#socket.on('close', () => this.#end(endOfFile()));
  }

  /** Sends the head of a request. What is written in the same turn goes out with it. */
  send(method: string, head: string, listener: UpstreamListener): void {
    this.#listener = listener;
    this.#parser.start(method, listener);
    this.#socket.cork();
    this.#socket.write(head, 'latin1');
    process.nextTick(() => this.#socket.uncork());
  }

  /** False when the connection is full: `drain` tells when it is not any more. */
  write(chunk: Buffer | string): boolean {
    return this.#socket.write(chunk, 'latin1');
  }

  /** Stops reading the answer, so that the server has to wait. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** The exchange is over. `sent`: the request was sent to its end, so that the connection can be kept. */
  release(sent: boolean): void {
    this.#listener = undefined;
    if (sent && this.#parser.reusable && !this.#socket.destroyed) {
      this.#socket.resume();
      this.#upstream.keep(this);
    } else {
      this.destroy();
    }
  }

  destroy(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    try {
      this.#parser.read(chunk);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  #end(error: Error): void {
    this.#upstream.forget(this);
    const listener = this.#listener;
    // The end of the connection may be the end of the answer, of which the listener is told then.
    const whole = this.#parser.ended();
    this.destroy();
    if (!whole) listener?.failed(error);
  }
}
