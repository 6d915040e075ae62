/**
 * Every fault of the catalogue, on the real path: it does what it says, through every client; and a fault that only pretends is
 * found out, whichever way it pretends.
 */
import { describe, expect, it } from 'vitest';
import type { Clock } from '../harness/clock.ts';
import { faults } from '../harness/faults/catalogue.ts';
import type { ActiveFault, Evidence, FaultDefinition } from '../harness/faults/fault.ts';
import { clientNames } from '../harness/object-store/clients.ts';
import { prepare } from '../harness/scenario/run.ts';
import type { ScenarioResult } from '../harness/scenario/run-result.ts';
import { demonstrations } from '../harness/scenario/shipped.ts';
import { because, realHarness } from './real-harness.ts';

type Inject = FaultDefinition['inject'];

/** Injects nothing, and says what `evidence` does. */
function pretend(evidence: Evidence): Inject {
  const active: ActiveFault = { evidence: async () => evidence, heal: async () => evidence };
  return async () => active;
}

/** A clock on which nothing becomes due: a fault that ends by itself after a while (a server that is started again) does not end. */
function stopped(clock: Clock): Clock {
  const never = (_: number, signal?: AbortSignal) =>
    new Promise<void>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  return { now: () => clock.now(), date: () => clock.date(), sleep: never, after: () => () => {} };
}

/** Ways in which a fault can be broken, each of which would be taken for a survived outage by a tool that does not look. */
const defects: Record<string, (definition: FaultDefinition) => Inject> = {
  'does nothing': () => pretend({ fired: 0, unit: 'requests' }),
  'counts but does not act': () => pretend({ fired: 7, unit: 'requests', measured: { considered: 7 } }),
  'never heals': (definition) => async (injection) => {
    const active = await definition.inject({ ...injection, clock: stopped(injection.clock) });
    return { ...active, evidence: () => active.evidence(), heal: () => active.evidence() };
  },
};

function finding({ findings }: ScenarioResult, checker: string) {
  return findings.find((one) => one.checker === checker && one.verdict !== 'pass');
}

describe.concurrent('the fault catalogue', () => {
  const real = realHarness();

  for (const fault of faults) {
    describe.concurrent(fault.name, async () => {
      const names = demonstrations(undefined, [fault]).map(({ given }) => given);
      const { runs } = await prepare({ scenarios: names, clients: clientNames, set: [] });

      for (const prepared of runs) {
        it.concurrent(`${prepared.given} through ${prepared.client}`, async () => {
          const result = await real.run(prepared);
          expect(result.asExpected, because(result)).toBe(true);
          const shown = result.faults.filter(({ name }) => name === fault.name);
          expect(shown.length).toBeGreaterThan(0);
          for (const { id, fired } of result.faults) expect(fired, `${id} fired`).toBeGreaterThan(0);
        });
      }

      const [prepared] = runs.filter(({ client }) => client === 'minio');
      for (const [defect, break_] of Object.entries(defects)) {
        it.concurrent(`one that ${defect} is found out`, async () => {
          if (!prepared) throw new Error(`${fault.name} has no demonstration`);
          const result = await real.run(prepared, {
            sabotage: {
              fault: (definition) => (definition === fault ? { inject: break_(definition) } : definition),
            },
          });
          expect(['fail', 'inconclusive'], because(result)).toContain(result.verdict);
          expect(result.asExpected, because(result)).toBe(false);
          const told =
            defect === 'never heals'
              ? (finding(result, 'path-healed') ?? finding(result, 'fault-fired') ?? finding(result, 'history-whole'))
              : finding(result, 'fault-fired');
          expect(told, because(result)).toBeDefined();
        });
      }
    });
  }
});
