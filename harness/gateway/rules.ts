/**
 * The rules of a route: injected faults that know S3. They judge each request in the order of their installation. Those that only
 * change something on the way (a delay, flipped bits) let the judging go on, so that they compose; the first that decides what
 * becomes of the request ends it, and the rules after that one never see it.
 */
import type { Clock } from '../clock.ts';
import type { JudgedBy } from '../history/events.ts';
import { ControlError } from '../process/control-server.ts';
import { answerError } from './answer-error.ts';
import { complete200Error } from './complete-200-error.ts';
import { corrupt } from './corrupt.ts';
import { cut } from './cut.ts';
import type { Exchange } from './exchange.ts';
import { hold } from './hold.ts';
import type { EdgeRule, RuleEvidence } from './protocol.ts';
import type { Draw } from './request-match.ts';
import type { RuleAction, RuleKind } from './rule-kind.ts';
import { RULE_SEPARATOR } from './ruled-by.ts';
import type { S3Request } from './s3-operation.ts';
import { throttle } from './throttle.ts';
import { truncate } from './truncate.ts';

const kinds: { [Kind in EdgeRule['kind']]: RuleKind<Extract<EdgeRule, { kind: Kind }>> } = {
  'answer-error': answerError,
  cut,
  hold,
  truncate,
  'complete-200-error': complete200Error,
  corrupt,
  throttle,
};

interface InstalledRule {
  action: RuleAction;
  considered: number;
  fired: number;
}

/** One rule that acts on one request. */
interface Acting {
  rule: string;
  installed: InstalledRule;
  draw: Draw;
  fired: boolean;
}

/** What becomes of one request: the rules that judged it and those that act on it, in the order in which they judged it. */
export class Judgement {
  readonly #acting: Acting[];

  constructor(
    acting: Acting[],
    /** By every rule that decides by the seed, those too that let it pass. */
    readonly judged: readonly JudgedBy[],
  ) {
    this.#acting = acting;
  }

  /** Of all that act on it. Empty: none does. */
  get rule(): string {
    return this.#acting.map(({ rule }) => rule).join(RULE_SEPARATOR);
  }

  /** Sets the exchange going, as the rules say. */
  act(exchange: Exchange): void {
    exchange.ruledBy((forwarded) => this.#named(forwarded), this.judged);
    let ended = false;
    for (const acting of this.#acting) {
      const { installed, draw } = acting;
      const fired = () => {
        if (acting.fired) return;
        acting.fired = true;
        installed.fired++;
      };
      installed.action.act(exchange, fired, draw);
      ended = installed.action.ends;
    }
    if (!ended) exchange.forward();
  }

  /** Those that decided what became of it: they took effect on the client, or kept the request from MinIO. */
  #named(forwarded: boolean): string | undefined {
    const named = this.#acting.filter(({ fired, installed }) => fired || (installed.action.ends && !forwarded));
    return named.map(({ rule }) => rule).join(RULE_SEPARATOR) || undefined;
  }
}

export class Rules {
  readonly #clock: Clock;
  readonly #installed = new Map<string, InstalledRule>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Its name is one that no rule of the route has. @throws ControlError (400) for a definition that is wrong. */
  add(definition: EdgeRule): void {
    const kind = kinds[definition.kind] as RuleKind<EdgeRule> | undefined;
    if (!kind) {
      throw new ControlError(400, `rule: no kind is named ${definition.kind}: one of ${Object.keys(kinds).join(', ')}`);
    }
    this.#installed.set(definition.rule, { action: kind(definition, this.#clock), considered: 0, fired: 0 });
  }

  /** @throws ControlError (404) */
  evidence(rule: string): RuleEvidence {
    const { action, considered, fired } = this.#named(rule);
    const measured = action.measured?.();
    return { considered, fired, ...(measured && { measured }) };
  }

  /** Ends what the rule still holds, too. @throws ControlError (404) */
  remove(rule: string): RuleEvidence {
    const { action } = this.#named(rule);
    action.removed?.();
    const evidence = this.evidence(rule);
    this.#installed.delete(rule);
    return evidence;
  }

  /** What becomes of this request, if any rule is about it. */
  judge(request: S3Request, method: string, target = ''): Judgement | undefined {
    if (this.#installed.size === 0) return undefined;
    const acting: Acting[] = [];
    const judged: JudgedBy[] = [];
    for (const [rule, installed] of this.#installed) {
      const { selector, ends } = installed.action;
      if (!selector.considers(request, method, target)) continue;
      installed.considered++;
      const { draw, n } = selector.decides(request, method);
      if (n !== undefined) judged.push({ rule, n, acts: draw !== undefined });
      if (!draw) continue;
      acting.push({ rule, installed, draw, fired: false });
      if (ends) break;
    }
    return acting.length + judged.length === 0 ? undefined : new Judgement(acting, judged);
  }

  #named(rule: string): InstalledRule {
    const installed = this.#installed.get(rule);
    if (!installed) throw new ControlError(404, `rule ${rule}: the route has none of this name`);
    return installed;
  }
}
