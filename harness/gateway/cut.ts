/**
 * The rule `cut`: the client's connection ends where its answer should be.
 *
 * - `before-apply`: 1. Read the request's body to its end, and drop it. 2. End the connection.
 * - `after-apply`: 1. Forward the request as it is. 2. Read MinIO's answer to its end: it has been done. 3. End the connection.
 *
 * The client sees the same of both.
 */
import { ControlError } from '../process/control-server.ts';
import type { CutRule } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { RuleKind } from './rule-kind.ts';

export const cut: RuleKind<CutRule> = (definition) => {
  const { rule, when } = definition;
  if (when !== 'before-apply' && when !== 'after-apply')
    throw new ControlError(400, `rule ${rule}: when is ${when}: before-apply or after-apply`);
  return {
    selector: new RequestMatcher(definition),
    ends: true,
    act(exchange, fired) {
      const end = () => exchange.cut(fired);
      if (when === 'before-apply') exchange.drain(end);
      else exchange.apply(end);
    },
  };
};
