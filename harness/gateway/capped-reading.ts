/**
 * What comes from a client over an open connection, let through by a lane.
 *
 * Whoever reads the socket does not notice: it stays the socket that he has, and only its bytes come later. So the cap can be put on
 * a connection in the middle of a request, and taken off it again, and costs nothing where there is none.
 *
 * 1. What the kernel gives goes to the socket's `push`, and there it is held, up to what the lane can use soon; then the kernel is no longer read.
 * 2. When the lane lets bytes pass, they are pushed on as if they had just come, unless the reader has enough for now (`push` said
 *    so): then they wait for the reader to ask, by `_read`.
 * 3. The end of the client's bytes is held until they have all passed.
 *
 * `push` and `_read` are what streams are made of: nothing in between sees them.
 */
import { Socket } from 'node:net';
import type { FairLane, Flow } from './fair-lane.ts';

const { push, _read } = Socket.prototype;

export class CappedReading implements Flow {
  readonly #held: Buffer[] = [];
  /** When each of them came, on the lane's clock. */
  readonly #arrivals: number[] = [];
  /** When the bytes came that were let through last, or are at this moment. `undefined`: none were yet. */
  arrived: number | undefined;
  #size = 0;
  #ended = false;
  /** The reader takes more. */
  #wanted = true;

  constructor(
    readonly socket: Socket,
    readonly lane: FairLane,
    readonly waits: () => void,
  ) {
    // node:http reads what comes past the stream, in C++, until somebody else listens for it.
    const nobody = () => {};
    socket.on('data', nobody).off('data', nobody);
    socket.push = (chunk: Buffer | null) => this.#arrived(chunk);
    socket._read = (size) => this.#asked(size);
    socket.once('close', this.#gone);
    // It may have been stopped in the way of node:http, which does not start it again for others.
    _read.call(socket, 0);
  }

  get ready(): boolean {
    return this.#wanted && this.#held.length > 0;
  }

  send(most: number): number {
    const first = this.#held[0] as Buffer;
    const piece = first.length > most ? first.subarray(0, most) : first;
    this.arrived = this.#arrivals[0];
    if (piece === first) {
      this.#held.shift();
      this.#arrivals.shift();
    } else {
      this.#held[0] = first.subarray(most);
    }
    this.#size -= piece.length;
    this.#wanted = push.call(this.socket, piece);
    if (this.#held.length === 0 && this.#ended) this.#end();
    else if (this.#size < this.lane.holdable && !this.socket.destroyed) _read.call(this.socket, 0);
    return piece.length;
  }

  /** From here on bytes pass as they come; those that are held pass now. */
  release(): void {
    this.#gone();
    for (const chunk of this.#held.splice(0)) {
      this.arrived = this.#arrivals.shift();
      push.call(this.socket, chunk);
    }
    if (this.#ended) this.#end();
    else if (!this.socket.destroyed) _read.call(this.socket, 0);
  }

  readonly #gone = (): void => {
    this.lane.leave(this);
    this.socket.off('close', this.#gone);
    Reflect.deleteProperty(this.socket, 'push');
    Reflect.deleteProperty(this.socket, '_read');
  };

  #arrived(chunk: Buffer | null): boolean {
    if (chunk === null) {
      this.#ended = true;
      if (this.#held.length === 0) this.#end();
      return false;
    }
    this.#held.push(chunk);
    this.#arrivals.push(this.lane.now());
    this.#size += chunk.length;
    if (this.ready) this.lane.enter(this);
    return this.#size < this.lane.holdable;
  }

  #asked(size: number): void {
    this.#wanted = true;
    if (this.ready) this.lane.enter(this);
    else _read.call(this.socket, size);
  }

  #end(): void {
    this.#ended = false;
    if (this.socket.destroyed) return;
    push.call(this.socket, null);
    this.socket.read(0);
  }
}
