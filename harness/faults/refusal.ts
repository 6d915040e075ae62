/** Faults in which the S3 edge refuses requests with one S3 error, and S3 behind it never sees them. */
import type { AnswerErrorRule } from '../gateway/protocol.ts';
import type { Effect, EffectContext } from './effect.ts';
import type { ActiveFault, Injection } from './fault.ts';
import { injectRule } from './gateway-rule.ts';
import { type RequestParameters, requestMatch } from './request-parameters.ts';
import { feltByClients, wasAnswered } from './ruled-attempts.ts';
import { type S3ErrorCode, s3ErrorCodes } from './s3-error-codes.ts';

/** `more` is what the answer says beside code and message. @throws Error with the reason, when the gateway refuses the rule. */
export function injectRefusal(
  { lease, parameters, id, seed }: Pick<Injection<RequestParameters>, 'lease' | 'parameters' | 'id' | 'seed'>,
  code: S3ErrorCode,
  more: Pick<AnswerErrorRule, 'headers' | 'elements' | 'clockAheadMs' | 'locationOrigin'> = {},
): Promise<ActiveFault> {
  const [status, message] = s3ErrorCodes[code];
  return injectRule(lease, {
    kind: 'answer-error',
    rule: id,
    seed,
    match: requestMatch(parameters),
    status,
    code,
    message,
    ...more,
  });
}

/** Seen: clients got this error, for requests that S3 behind the edge never saw. */
export function refusalFelt(context: EffectContext, code: S3ErrorCode, article: 'a' | 'an' = 'a'): Effect {
  return feltByClients(context, {
    felt: (one) => wasAnswered(one, s3ErrorCodes[code][0], code) && one.edge.upstream === undefined,
    done: `were answered ${code}`,
    wanting: `got ${article} ${code}`,
  });
}
