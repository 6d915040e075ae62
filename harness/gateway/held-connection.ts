/**
 * A connection that nobody answers for now. It is read all the same, so that its end is seen, and what was read is put back when it
 * goes on.
 */
import type { Socket } from 'node:net';

/** Bytes kept: a ClientHello with all its extensions and a session ticket has a few KiB. What is more waits in the kernel. */
const MOST_KEPT = 64 * 1024;

/** How a connection ended whose handshake did not come to an end. */
export const clientLeft = 'the client ended the connection';
export const wasClosed = 'the connection was closed';

export class HeldConnection {
  readonly #kept: Buffer[] = [];
  readonly #whenOver: (() => void)[] = [];
  #size = 0;
  #over = false;

  /** Told once: that it goes on, or that (and why) it ended first. */
  constructor(
    readonly socket: Socket,
    readonly goesOn: () => void,
    readonly ended: (why: string) => void,
  ) {
    socket.on('data', this.#keep);
    socket.once('end', this.#left);
    socket.once('close', this.#closed);
  }

  /** Calls `then` when it is held no more. */
  whenOver(then: () => void): void {
    this.#whenOver.push(then);
  }

  /** Lets it go on as if nothing had been. */
  release(): void {
    if (!this.#settle()) return;
    this.socket.pause();
    if (this.#size > 0) this.socket.unshift(Buffer.concat(this.#kept));
    this.goesOn();
  }

  /** Ends it. */
  end(why: string): void {
    if (!this.#settle()) return;
    this.ended(why);
    this.socket.destroy();
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#kept.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= MOST_KEPT) this.socket.pause();
  };

  readonly #left = (): void => this.end(clientLeft);
  readonly #closed = (): void => this.end(wasClosed);

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.socket.off('data', this.#keep);
    this.socket.off('end', this.#left);
    this.socket.off('close', this.#closed);
    for (const then of this.#whenOver.splice(0)) then();
    return true;
  }
}
