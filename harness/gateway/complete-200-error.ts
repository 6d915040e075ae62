/**
 * The rule `complete-200-error`: CompleteMultipartUpload answers 200, and then that it failed. Source: S3's API reference,
 * CompleteMultipartUpload: "a request could fail after the initial 200 OK response has been sent", "Amazon S3 periodically sends white
 * space characters to keep the connection from timing out".
 *
 * 1. Read the request's body to its end; if it is to be applied, forward it meanwhile.
 * 2. Answer 200, in chunks, with the XML declaration, and send white space for a while.
 * 3. When the time is over, and MinIO's answer was read to its end if it was asked: the document `<Error>`, and the answer's end.
 *
 * It fires with its head: a client that gives up in the white space has been misled as well.
 */
import { ControlError } from '../process/control-server.ts';
import type { Exchange } from './exchange.ts';
import type { CompleteErrorRule } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';
import { errorElement, headInPlace } from './s3-error-answer.ts';
import { xmlDeclaration } from './s3-error-document.ts';

/** How often white space comes, in its time: S3 does not say; MinIO sends some each 10 s of a minute or more. */
const SPACES = 10;

export const complete200Error: RuleKind<CompleteErrorRule> = (definition) => {
  check(definition);
  const { code, message, applied, spacesForMs } = definition;
  const match = { ...definition.match, operations: ['CompleteMultipartUpload' as const] };
  return {
    selector: new RequestMatcher({ ...definition, match }),
    ends: true,
    act(exchange, fired) {
      const answer = new FailingAnswer(
        exchange,
        spacesForMs,
        () => errorElement(exchange, { code, message }),
        fired,
        code,
      );
      if (applied) {
        exchange.whenBodyRead(() => answer.begin());
        exchange.apply(() => answer.decided());
      } else {
        exchange.drain(() => answer.decided());
      }
    },
  };
};

function check({ rule, match, code, applied, spacesForMs }: CompleteErrorRule): void {
  if (typeof code !== 'string' || code === '')
    throw new ControlError(400, `rule ${rule}: code is ${code}: an S3 error code`);
  if (typeof applied !== 'boolean') throw new ControlError(400, `rule ${rule}: applied is ${applied}: true or false`);
  if (!(Number.isFinite(spacesForMs) && spacesForMs >= 0))
    throw new ControlError(400, `rule ${rule}: spacesForMs is ${spacesForMs}: milliseconds from 0 on`);
  if (match?.operations?.some((operation) => operation !== 'CompleteMultipartUpload'))
    throw new ControlError(
      400,
      `rule ${rule}: operations is ${match.operations}: only CompleteMultipartUpload can do this`,
    );
}

class FailingAnswer {
  #began = false;
  /** The time, and the fate of the request. */
  #awaited = 2;

  constructor(
    readonly exchange: Exchange,
    readonly spacesForMs: number,
    readonly document: () => string,
    readonly fired: () => void,
    readonly code: string,
  ) {}

  begin(): void {
    if (this.#began) return;
    this.#began = true;
    const { exchange, spacesForMs } = this;
    const way = exchange.reply(this.code);
    way.head(headInPlace(exchange, 200, { 'transfer-encoding': 'chunked' }), this.fired);
    way.body(Buffer.from(xmlDeclaration));
    for (let space = 1; space <= SPACES && spacesForMs > 0; space++)
      exchange.after((spacesForMs * space) / (SPACES + 1), () => way.body(Buffer.from(' ')));
    exchange.after(spacesForMs, () => this.#finish());
  }

  /** MinIO has done it, or will not be asked. */
  decided(): void {
    // It may be that MinIO did not want the body.
    this.begin();
    this.#finish();
  }

  #finish(): void {
    if (--this.#awaited > 0) return;
    const way = this.exchange.reply(this.code);
    way.body(Buffer.from(this.document()));
    way.end([]);
  }
}
