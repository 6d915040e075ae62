/** For tests: a fault injected on a lease whose edge only remembers what it is told. */
import type { Lease } from '../environment/lease.ts';
import type { RouteRule, RuleEvidence } from '../gateway/protocol.ts';
import { faultNamed } from './catalogue.ts';
import type { ActiveFault } from './fault.ts';

export interface ExampleInjection {
  /** The rules that it put on the edge. */
  rules: RouteRule[];
  /** Those that it took off again. */
  removed: string[];
  active: ActiveFault;
}

/** `with`: as a timeline has it. The fault's id is `1-` and its name, the seed is 7. */
export async function injected(
  name: string,
  given: unknown,
  { evidence = { considered: 5, fired: 3 }, lease = {} }: { evidence?: RuleEvidence; lease?: Partial<Lease> } = {},
): Promise<ExampleInjection> {
  const rules: RouteRule[] = [];
  const removed: string[] = [];
  const edge = {
    addRule: async (rule: RouteRule) => void rules.push(rule),
    evidence: async () => evidence,
    removeRule: async (rule: string) => {
      removed.push(rule);
      return evidence;
    },
  };
  const fault = faultNamed(name);
  const active = await fault.inject({
    lease: { edge, ...lease } as unknown as Lease,
    parameters: fault.parameters.parse(given),
    id: `1-${name}`,
    seed: 7,
  } as Parameters<typeof fault.inject>[0]);
  return { rules, removed, active };
}
