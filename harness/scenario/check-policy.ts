/** Whether a scenario can be run with the policy that the settings ask for. */
import type { TempoSettings } from '../tempo/settings.ts';
import type { Scenario } from './scenario.ts';
import { ScenarioError } from './scenario-error.ts';

/**
 * Tempo's constants can be compressed, as they are ours; the waits and timeouts of an SDK cannot, and beside faults that last a
 * twentieth they would be another client's.
 * @throws ScenarioError
 */
export function checkPolicy(
  given: string,
  { compression }: Pick<Scenario, 'compression'>,
  { client }: Pick<TempoSettings, 'client'>,
): void {
  if (client !== 'sdk' || compression.time === 1) return;
  throw new ScenarioError([
    {
      where: `${given}: compression.time ${compression.time}`,
      message: "with the policy sdk the retries and timeouts are the SDK's own, which cannot be compressed",
      remedy: 'run a scenario whose compression.time is 1, or leave --policy sdk (client.policy) away',
    },
  ]);
}
