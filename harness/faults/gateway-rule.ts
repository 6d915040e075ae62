/** Faults that a rule of the gateway does: how the rule is put on a lease's route and taken off again, and what it counts. */
import type { Lease } from '../environment/lease.ts';
import type { RouteRule, RuleEvidence } from '../gateway/protocol.ts';
import type { ActiveFault, Evidence } from './fault.ts';

/** @throws Error with the reason, when the gateway refuses the rule. */
export async function injectRule(
  { edge }: Pick<Lease, 'edge'>,
  rule: RouteRule,
  unit: Evidence['unit'] = 'requests',
): Promise<ActiveFault> {
  await edge.addRule(rule);
  const told = ({ considered, fired, measured }: RuleEvidence): Evidence => ({
    fired,
    unit,
    measured: { considered, ...measured },
  });
  return {
    evidence: async () => told(await edge.evidence(rule.rule)),
    heal: async () => told(await edge.removeRule(rule.rule)),
  };
}
