/** The rules of a route that act below S3: on bytes and on handshakes. */
import type { Clock } from '../clock.ts';
import { ControlError } from '../process/control-server.ts';
import type { RuleEvidence, WireRule } from './protocol.ts';
import { sharedBandwidth } from './shared-bandwidth.ts';
import type { SharedCap } from './shared-cap.ts';
import { tlsCertificate } from './tls-certificate.ts';
import type { TlsEnd } from './tls-end.ts';
import { tlsHandshake } from './tls-handshake.ts';

/** A rule in force. */
export interface InstalledWireRule {
  evidence(): RuleEvidence;
  /** From here on it touches nothing. Gives what it did in all. */
  remove(): RuleEvidence;
}

/** What the rules act on: the wire stage of a route. */
export interface WireParts {
  readonly cap: SharedCap;
  /** Absent: the route speaks plain HTTP. */
  readonly tls: TlsEnd | undefined;
  readonly clock: Clock;
}

/** One file a kind: checks the definition (ControlError 400 for what is wrong) and puts it in force. */
type WireRuleKind<Rule extends WireRule> = (definition: Rule, wire: WireParts) => InstalledWireRule;

const kinds: { [Kind in WireRule['kind']]: WireRuleKind<Extract<WireRule, { kind: Kind }>> } = {
  'shared-bandwidth': (definition, { cap, clock }) => sharedBandwidth(definition, cap, clock),
  'tls-handshake': (definition, { tls, clock }) => tlsHandshake(definition, spoken(tls, definition), clock),
  'tls-certificate': (definition, { tls }) => tlsCertificate(definition, spoken(tls, definition)),
};

function spoken(tls: TlsEnd | undefined, { rule, kind }: WireRule): TlsEnd {
  if (tls) return tls;
  throw new ControlError(409, `rule ${rule}: ${kind} wants a route that speaks TLS: open one with a certificate`);
}

const kindNames = Object.keys(kinds);

export function isWireRule(definition: { kind?: unknown }): definition is WireRule {
  return kindNames.includes(definition.kind as string);
}

export class WireRules {
  readonly #installed = new Map<string, InstalledWireRule>();

  constructor(readonly wire: WireParts) {}

  /** @throws ControlError (400) for a definition that is wrong, (409) for one that wants another kind of route. */
  add(definition: WireRule): void {
    const kind = kinds[definition.kind] as WireRuleKind<WireRule>;
    this.#installed.set(definition.rule, kind(definition, this.wire));
  }

  evidence(rule: string): RuleEvidence {
    return this.#named(rule).evidence();
  }

  remove(rule: string): RuleEvidence {
    const evidence = this.#named(rule).remove();
    this.#installed.delete(rule);
    return evidence;
  }

  #named(rule: string): InstalledWireRule {
    const installed = this.#installed.get(rule);
    if (!installed) throw new ControlError(404, `rule ${rule}: the route has none of this name`);
    return installed;
  }
}
