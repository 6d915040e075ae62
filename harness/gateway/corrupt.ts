/**
 * The rule `corrupt`: bits of a body flip on its way.
 *
 * 1. Draw the places, over the body's whole length. Where a body does not say its length (`Transfer-Encoding: chunked`), they are
 *    drawn over its first `UNKNOWN_LENGTH` bytes.
 * 2. Flip them as the body streams past. Heads, lengths and framing stay: that of HTTP, and in a request also that of `aws-chunked`
 *    (sizes, signatures, trailing checksums). A flip there would be a request that cannot be read, which is refused for another reason
 *    than data that is not what was signed.
 *
 * It fires when the first of its flips goes on. What is not passed on is not flipped: the body of a request that another rule answers.
 */
import { ControlError } from '../process/control-server.ts';
import type { AnswerHead } from './answer-parser.ts';
import type { AnswerSink, Took } from './answer-sink.ts';
import { AwsChunks, isAwsChunked } from './aws-chunks.ts';
import { BitFlips, drawPlaces } from './bit-flips.ts';
import type { Exchange } from './exchange.ts';
import { header } from './headers.ts';
import type { CorruptRule } from './protocol.ts';
import { type Draw, RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';

/** Bytes. S3's error documents, and its answers to CompleteMultipartUpload, have more. */
const UNKNOWN_LENGTH = 256;
/** So many places are drawn in no time, and are no more than noise. */
const MOST_BITS = 1000;

export const corrupt: RuleKind<CorruptRule> = (definition) => {
  const { rule, direction, bits } = definition;
  if (direction !== 'request' && direction !== 'answer')
    throw new ControlError(400, `rule ${rule}: direction is ${direction}: request or answer`);
  if (!(Number.isInteger(bits) && bits >= 1 && bits <= MOST_BITS))
    throw new ControlError(400, `rule ${rule}: bits is ${bits}: a whole number from 1 to ${MOST_BITS}`);
  return {
    selector: new RequestMatcher(definition),
    ends: false,
    act(exchange, fired, draw) {
      const flipped = (count: number) => {
        if (count === 0) return;
        exchange.flipped(count);
        fired();
      };
      if (direction === 'request') exchange.alterBody(corruptedRequest(exchange, bits, draw, flipped));
      else exchange.alterAnswer((way) => new CorruptedAnswer(way, bits, draw, flipped));
    },
  };
};

function corruptedRequest(
  { request: { headers } }: Exchange,
  bits: number,
  draw: Draw,
  flipped: (count: number) => void,
): (chunk: Buffer) => Buffer {
  const chunks = isAwsChunked(headers) ? new AwsChunks() : undefined;
  const length = headers[chunks ? 'x-amz-decoded-content-length' : 'content-length'];
  const flips = new BitFlips(drawPlaces(bits, lengthOf(length), draw));
  return (chunk) => {
    // What was read may be looked at by others.
    const copy = Buffer.from(chunk);
    let count = 0;
    for (const piece of chunks ? chunks.data(copy) : [copy]) count += flips.flip(piece);
    flipped(count);
    return copy;
  };
}

class CorruptedAnswer implements AnswerSink {
  #flips: BitFlips | undefined;

  constructor(
    readonly way: AnswerSink,
    readonly bits: number,
    readonly draw: Draw,
    readonly flipped: (count: number) => void,
  ) {}

  head(head: AnswerHead, took?: Took): void {
    this.#flips = new BitFlips(drawPlaces(this.bits, lengthOf(header(head.rawHeaders, 'content-length')), this.draw));
    this.way.head(head, took);
  }

  body(chunk: Buffer): boolean {
    const copy = Buffer.from(chunk);
    this.flipped(this.#flips?.flip(copy) ?? 0);
    return this.way.body(copy);
  }

  end(rawTrailers: string[]): void {
    this.way.end(rawTrailers);
  }

  cut(took?: Took, last?: Buffer): void {
    this.way.cut(took, last);
  }
}

/** `length` as a header says it. */
function lengthOf(length: string | string[] | undefined): number {
  const bytes = Number(length ?? UNKNOWN_LENGTH);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : UNKNOWN_LENGTH;
}
