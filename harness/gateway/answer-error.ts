/**
 * The rule `answer-error`: S3 answers with an error, and MinIO never sees the request.
 *
 * 1. Read the request's body to its end: an answer before that would reach the client as a broken pipe and not as a 503. (A client
 *    that waits for `100 Continue` has not sent its body, and gets the answer in place of the 100, as S3 gives it.)
 * 2. Answer with S3's headers and error document.
 */
import { ControlError } from '../process/control-server.ts';
import type { AnswerErrorRule } from './protocol.ts';
import type { RuleAction } from './rules.ts';
import { s3ErrorDocument } from './s3-error-document.ts';

export function answerError(definition: AnswerErrorRule): RuleAction {
  const { rule, status, code, message, retryAfter } = definition;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new ControlError(400, `rule ${rule}: status is ${status}: a whole number from 300 to 599`);
  }
  if (typeof code !== 'string' || code === '')
    throw new ControlError(400, `rule ${rule}: code is ${code}: an S3 error code`);
  if (retryAfter !== undefined && !(Number.isInteger(retryAfter) && retryAfter >= 0)) {
    throw new ControlError(400, `rule ${rule}: retryAfter is ${retryAfter}: whole seconds from 0 on`);
  }
  let answered = 0;
  return (exchange, fired) => {
    exchange.drain(() => {
      const requestId = `CHAOS${(++answered).toString(16).toUpperCase().padStart(11, '0')}`;
      const resource = (exchange.request.url ?? '').split('?', 1)[0] as string;
      fired();
      exchange.answer(
        status,
        {
          'x-amz-request-id': requestId,
          'content-type': 'application/xml',
          ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
        },
        s3ErrorDocument({ code, message: message ?? code, resource, requestId }),
        code,
      );
    });
  };
}
