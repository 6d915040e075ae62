/**
 * The rule `truncate`: MinIO's answer begins, and the client's connection ends in the middle of it.
 *
 * 1. Forward the request as it is.
 * 2. The answer's head passes whole, with the length that it promises, and so many bytes of the body, one less than there are at most.
 *    Of a body whose length is not known, the end never passes.
 * 3. An answer without a body: so many bytes of its head pass, as they would go over the wire, one less than there are at most.
 * 4. End the connection, once what passed was sent.
 */
import { ControlError } from '../process/control-server.ts';
import type { AnswerHead } from './answer-parser.ts';
import type { AnswerSink, Took } from './answer-sink.ts';
import { endToEnd, header, lines } from './headers.ts';
import type { TruncateRule } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';

export const truncate: RuleKind<TruncateRule> = (definition) => {
  const { rule, bytes } = definition;
  if (!(Number.isInteger(bytes) && bytes >= 0))
    throw new ControlError(400, `rule ${rule}: bytes is ${bytes}: a whole number from 0 on`);
  return {
    selector: new RequestMatcher(definition),
    ends: true,
    act(exchange, fired) {
      exchange.alterAnswer((way) => new TruncatedAnswer(way, exchange.request.method === 'HEAD', bytes, fired));
      exchange.forward();
    },
  };
};

class TruncatedAnswer implements AnswerSink {
  #over = false;
  #left: number;

  constructor(
    readonly way: AnswerSink,
    readonly toHead: boolean,
    readonly bytes: number,
    readonly fired: Took,
  ) {
    this.#left = bytes;
  }

  head(head: AnswerHead): void {
    const { status, message, rawHeaders } = head;
    const length = header(rawHeaders, 'content-length');
    if (this.toHead || status === 204 || status === 304 || length === '0') {
      const text = `HTTP/1.1 ${status} ${message}\r\n${lines(endToEnd(rawHeaders))}\r\n`;
      this.#cut(Buffer.from(text.slice(0, Math.min(Math.max(this.bytes, 1), text.length - 1)), 'latin1'));
      return;
    }
    if (length !== undefined) this.#left = Math.min(this.bytes, Number(length) - 1);
    this.way.head(head);
  }

  body(chunk: Buffer): boolean {
    if (this.#over) return false;
    const passed = chunk.subarray(0, this.#left);
    this.#left -= passed.length;
    const more = passed.length === 0 || this.way.body(passed);
    // At least one byte of what was there has not passed, or the end will not.
    if (this.#left === 0) this.#cut();
    return more && !this.#over;
  }

  end(): void {
    if (!this.#over) this.#cut();
  }

  cut(took?: Took): void {
    this.way.cut(took);
  }

  #cut(last?: Buffer): void {
    this.#over = true;
    this.way.cut(this.fired, last);
  }
}
