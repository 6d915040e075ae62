/**
 * The rules of a route: injected faults that know S3. They judge each request in the order of their installation; the first
 * that acts decides what becomes of it, and those after it never see it.
 */
import { ControlError } from '../process/control-server.ts';
import { answerError } from './answer-error.ts';
import type { Exchange } from './exchange.ts';
import type { EdgeRule, RuleEvidence } from './protocol.ts';
import { RequestMatcher } from './request-match.ts';
import type { S3Request } from './s3-operation.ts';

/**
 * Takes an exchange over and ends it in its own way. Calls `fired` when what it does to the client takes effect: a request that
 * ended on its own before that was not touched.
 */
export type RuleAction = (exchange: Exchange, fired: () => void) => void;

/** One file a kind: checks the definition (ControlError 400 for what is wrong) and gives the action. */
export type RuleKind<Rule extends EdgeRule> = (definition: Rule) => RuleAction;

const kinds: { [Kind in EdgeRule['kind']]: RuleKind<Extract<EdgeRule, { kind: Kind }>> } = {
  'answer-error': answerError,
};

interface InstalledRule {
  matcher: RequestMatcher;
  action: RuleAction;
  evidence: RuleEvidence;
}

export class Rules {
  readonly #installed = new Map<string, InstalledRule>();

  /** @throws ControlError (400) for a definition that is wrong, (409) for a name that is taken. */
  add(definition: EdgeRule): void {
    const kind = kinds[definition?.kind];
    if (!kind) {
      throw new ControlError(
        400,
        `rule: no kind is named ${definition?.kind}: one of ${Object.keys(kinds).join(', ')}`,
      );
    }
    const { rule, seed, match } = definition;
    if (typeof rule !== 'string' || rule === '') throw new ControlError(400, `rule: its name is ${rule}: a text`);
    if (!Number.isFinite(seed)) throw new ControlError(400, `rule ${rule}: seed is ${seed}: a number`);
    if (typeof match !== 'object' || match === null)
      throw new ControlError(400, `rule ${rule}: match is ${match}: an object`);
    if (this.#installed.has(rule))
      throw new ControlError(409, `rule ${rule}: the route has one of this name: remove it first`);
    const installed = {
      matcher: new RequestMatcher(rule, seed, match),
      action: kind(definition),
      evidence: { considered: 0, fired: 0 },
    };
    this.#installed.set(rule, installed);
  }

  /** @throws ControlError (404) */
  evidence(rule: string): RuleEvidence {
    const installed = this.#installed.get(rule);
    if (!installed) throw new ControlError(404, `rule ${rule}: the route has none of this name`);
    return { ...installed.evidence };
  }

  /** @throws ControlError (404) */
  remove(rule: string): RuleEvidence {
    const evidence = this.evidence(rule);
    this.#installed.delete(rule);
    return evidence;
  }

  /** The rule that acts on this request, if one does. */
  judge(request: S3Request): { rule: string; act(exchange: Exchange): void } | undefined {
    for (const [rule, { matcher, action, evidence }] of this.#installed) {
      if (!matcher.considers(request)) continue;
      evidence.considered++;
      if (!matcher.decides(request)) continue;
      return { rule, act: (exchange) => action(exchange, () => evidence.fired++) };
    }
    return undefined;
  }
}
