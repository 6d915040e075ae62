/** All rules of a route by their names, whether they act at the wire stage or at the S3 edge. */
import { ControlError } from '../process/control-server.ts';
import type { RouteRule, RuleEvidence } from './protocol.ts';
import { RULE_SEPARATOR } from './ruled-by.ts';
import type { Rules } from './rules.ts';
import { isWireRule, type WireRules } from './wire-rules.ts';

export class RouteRules {
  readonly #places = new Map<string, Rules | WireRules>();

  constructor(
    readonly edge: Rules,
    readonly wire: WireRules,
  ) {}

  /** Those in force, in the order of their installation. */
  get names(): string[] {
    return [...this.#places.keys()];
  }

  /** @throws ControlError (400) for a definition that is wrong, (409) for a name that is taken. */
  add(definition: RouteRule): void {
    const { rule } = definition ?? {};
    if (typeof rule !== 'string' || rule === '' || rule.includes(RULE_SEPARATOR))
      throw new ControlError(400, `rule: its name is ${JSON.stringify(rule)}: a text without ${RULE_SEPARATOR}`);
    if (this.#places.has(rule))
      throw new ControlError(409, `rule ${rule}: the route has one of this name: remove it first`);
    if (isWireRule(definition)) {
      this.wire.add(definition);
      this.#places.set(rule, this.wire);
    } else {
      this.edge.add(definition);
      this.#places.set(rule, this.edge);
    }
  }

  /** @throws ControlError (404) */
  evidence(rule: string): RuleEvidence {
    return this.#placeOf(rule).evidence(rule);
  }

  /** @throws ControlError (404) */
  remove(rule: string): RuleEvidence {
    const evidence = this.#placeOf(rule).remove(rule);
    this.#places.delete(rule);
    return evidence;
  }

  #placeOf(rule: string): Rules | WireRules {
    const place = this.#places.get(rule);
    if (!place) throw new ControlError(404, `rule ${rule}: the route has none of this name`);
    return place;
  }
}
