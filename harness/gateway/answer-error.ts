/**
 * The rule `answer-error`: S3 answers with an error.
 *
 * - `after-body`: 1. Read the request's body to its end: most clients look for an answer only then. (One that waits for
 *   `100 Continue` has not sent its body, and gets the answer in place of the 100, as S3 gives it.) 2. Answer.
 * - `before-body`: 1. Answer. 2. Read what still comes of the body, and drop it: ending the connection would reach a client that is
 *   still sending as a broken pipe, and not as a 503.
 * - `after-apply`: 1. Forward the request as it is. 2. Read MinIO's answer to its end. 3. Answer in its place.
 */
import { ControlError } from '../process/control-server.ts';
import { clockAndLocation } from './clock-and-location.ts';
import type { AnswerErrorRule } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';
import { answerWithError } from './s3-error-answer.ts';

const moments = ['before-body', 'after-body', 'after-apply'] as const;
/** RFC 9110, 5.6.2. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** What frames the answer is the gateway's. */
const framing = new Set(['content-length', 'transfer-encoding', 'connection', 'trailer']);
/** A thousand years: further than anybody's clock is off, and well within what a Date can hold. */
const FURTHEST_CLOCK_MS = 1000 * 366 * 24 * 3_600_000;

export const answerError: RuleKind<AnswerErrorRule> = (definition) => {
  check(definition);
  const {
    status,
    code,
    message,
    retryAfter,
    headers = {},
    elements,
    withoutDocument,
    when = 'after-body',
  } = definition;
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const error = { status, code, message, retryAfter, headers: lowered, elements, withoutDocument };
  return {
    selector: new RequestMatcher(definition),
    ends: true,
    act(exchange, fired) {
      const answer = () => {
        const own = clockAndLocation(exchange, definition);
        const all = {
          ...error,
          headers: { ...own.headers, ...error.headers },
          elements: { ...own.elements, ...error.elements },
        };
        answerWithError(exchange, all, fired);
      };
      if (when === 'before-body') exchange.ignoreBody(answer);
      else if (when === 'after-body') exchange.drain(answer);
      else exchange.apply(answer);
    },
  };
};

function check(definition: AnswerErrorRule): void {
  const {
    rule,
    status,
    code,
    retryAfter,
    headers = {},
    elements = {},
    when,
    clockAheadMs,
    locationOrigin,
  } = definition;
  if (status !== 200 && (!Number.isInteger(status) || status < 300 || status > 599)) {
    throw new ControlError(400, `rule ${rule}: status is ${status}: 200, or a whole number from 300 to 599`);
  }
  if (typeof code !== 'string' || code === '')
    throw new ControlError(400, `rule ${rule}: code is ${code}: an S3 error code`);
  if (retryAfter !== undefined && !(Number.isInteger(retryAfter) && retryAfter >= 0)) {
    throw new ControlError(400, `rule ${rule}: retryAfter is ${retryAfter}: whole seconds from 0 on`);
  }
  if (when !== undefined && !moments.includes(when))
    throw new ControlError(400, `rule ${rule}: when is ${when}: one of ${moments.join(', ')}`);
  if (clockAheadMs !== undefined && !(Math.abs(clockAheadMs) <= FURTHEST_CLOCK_MS))
    throw new ControlError(
      400,
      `rule ${rule}: clockAheadMs is ${clockAheadMs}: milliseconds, up to ${FURTHEST_CLOCK_MS} either way`,
    );
  if (locationOrigin !== undefined && !/^https?:\/\/[^\s/?#]+$/.test(locationOrigin))
    throw new ControlError(400, `rule ${rule}: locationOrigin is ${locationOrigin}: like https://host:port`);
  for (const [name, value] of Object.entries(headers)) {
    if (!token.test(name) || framing.has(name.toLowerCase()) || !/^[\t\x20-\x7e]*$/.test(value))
      throw new ControlError(400, `rule ${rule}: ${name}: ${value} cannot be a header of the answer`);
  }
  for (const name of Object.keys(elements)) {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(name))
      throw new ControlError(400, `rule ${rule}: ${JSON.stringify(name)} cannot be an element of the error document`);
  }
}
