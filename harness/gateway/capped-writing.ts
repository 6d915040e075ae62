/**
 * What goes to a client over an open connection, let through by a lane: the other half of capped-reading.ts.
 *
 * A stream hands over one write (or several gathered) at a time, and waits until that is done. It is done in pieces, as the lane
 * lets them pass and the kernel takes them. So who writes is made to wait as by a full connection.
 */
import { Socket } from 'node:net';
import type { FairLane, Flow } from './fair-lane.ts';

const { _write } = Socket.prototype;

type Done = (error?: Error | null) => void;

export class CappedWriting implements Flow {
  #left: Buffer[] = [];
  #done: Done | undefined;
  /** The kernel has not yet taken the last piece. */
  #leaving = false;
  #released = false;

  constructor(
    readonly socket: Socket,
    readonly lane: FairLane,
    readonly waits: () => void,
  ) {
    socket._write = (chunk: Buffer | string, encoding, done) => this.#take([bytesOf(chunk, encoding)], done);
    socket._writev = (chunks, done) =>
      this.#take(
        chunks.map(({ chunk, encoding }) => bytesOf(chunk, encoding)),
        done,
      );
    socket.once('close', this.#gone);
  }

  get ready(): boolean {
    return !this.#leaving && this.#left.length > 0;
  }

  send(most: number): number {
    const first = this.#left[0] as Buffer;
    const piece = first.length > most ? first.subarray(0, most) : first;
    if (piece === first) this.#left.shift();
    else this.#left[0] = first.subarray(most);
    this.#write(piece);
    return piece.length;
  }

  /** From here on bytes leave as they are written; those that wait leave now. */
  release(): void {
    this.#gone();
    this.#released = true;
    if (!this.#leaving) this.#rest();
  }

  readonly #gone = (): void => {
    this.lane.leave(this);
    this.socket.off('close', this.#gone);
    Reflect.deleteProperty(this.socket, '_write');
    Reflect.deleteProperty(this.socket, '_writev');
  };

  #take(chunks: Buffer[], done: Done): void {
    this.#left = chunks.filter(({ length }) => length > 0);
    this.#done = done;
    if (this.#left.length === 0) this.#over();
    else this.lane.enter(this);
  }

  #write(piece: Buffer): void {
    this.#leaving = true;
    _write.call(this.socket, piece, 'buffer' as BufferEncoding, (error) => {
      this.#leaving = false;
      if (error || this.#left.length === 0) this.#over(error);
      else if (this.#released) this.#rest();
      else this.lane.enter(this);
    });
  }

  #rest(): void {
    if (this.#left.length > 0) this.#write(Buffer.concat(this.#left.splice(0)));
  }

  #over(error?: Error | null): void {
    this.#left = [];
    const done = this.#done;
    this.#done = undefined;
    done?.(error);
  }
}

function bytesOf(chunk: Buffer | string, encoding: BufferEncoding): Buffer {
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
}
