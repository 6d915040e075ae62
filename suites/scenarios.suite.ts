/** Every shipped scenario, through both clients: each has to end as it says it will. */
import { describe, expect, it } from 'vitest';
import { clientNames } from '../harness/object-store/clients.ts';
import { prepare } from '../harness/scenario/run.ts';
import { faultId } from '../harness/scenario/timeline.ts';
import { because, realHarness } from './real-harness.ts';

const { runs } = await prepare({ scenarios: [], clients: clientNames, set: [] });

describe('shipped scenarios', () => {
  const real = realHarness();

  for (const prepared of runs) {
    it.concurrent(`${prepared.scenario.name} through ${prepared.client}`, async () => {
      const result = await real.run(prepared);
      const { scenario } = prepared;
      expect(result.asExpected, because(result)).toBe(true);
      const ids = scenario.timeline.map((entry, index) => faultId(index, entry));
      expect(result.faults.map(({ id }) => id).sort()).toEqual(ids.sort());
      for (const fault of result.faults) expect(fault.fired, `${fault.id} fired`).toBeGreaterThan(0);
      expect(result.blocks.cut).toBe(scenario.load.blocks * scenario.load.writers);
      if (scenario.expect.verdict === 'pass') {
        const { cut, lost, ...arrived } = result.blocks;
        expect({ lost, ...arrived }).toEqual({ lost: 0, flushed: cut, readBack: cut });
      }
    });
  }
});
