/** An answer that is kept back until it may go on to the client. */
import type { AnswerHead } from './answer-parser.ts';
import type { AnswerSink, Took } from './answer-sink.ts';
import { CONNECTION_BUFFER } from './wire-stage.ts';

export class HeldAnswer implements AnswerSink {
  readonly #target: AnswerSink;
  readonly #began: (open: () => void) => void;
  #kept: (() => unknown)[] = [];
  #keptBytes = 0;
  #has: 'nothing' | 'something' | 'gone on' = 'nothing';

  /** `began` is called when the first piece of an answer is there, with what lets it, and all that comes after it, go on. */
  constructor(target: AnswerSink, began: (open: () => void) => void) {
    this.#target = target;
    this.#began = began;
  }

  head(head: AnswerHead, took?: Took): void {
    this.#pass(() => this.#target.head(head, took));
  }

  /** It is full when the client's connection is: what goes on fills that, and its `drain` follows. */
  body(chunk: Buffer): boolean {
    if (this.#has === 'gone on') return this.#target.body(chunk);
    this.#keptBytes += chunk.length;
    this.#pass(() => this.#target.body(chunk));
    return this.#keptBytes < CONNECTION_BUFFER;
  }

  end(rawTrailers: string[]): void {
    this.#pass(() => this.#target.end(rawTrailers));
  }

  cut(took?: Took, last?: Buffer): void {
    this.#pass(() => this.#target.cut(took, last));
  }

  #pass(piece: () => unknown): void {
    if (this.#has === 'gone on') {
      piece();
      return;
    }
    this.#kept.push(piece);
    if (this.#has === 'something') return;
    this.#has = 'something';
    this.#began(() => {
      this.#has = 'gone on';
      for (const kept of this.#kept.splice(0)) kept();
    });
  }
}
