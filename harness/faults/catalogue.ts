/** Every fault there is. A new one is a file beside this, and a line here. */
import { bandwidth } from './bandwidth.ts';
import { dnsFailure } from './dns-failure.ts';
import type { EffectChecks } from './effect.ts';
import type { FaultDefinition } from './fault.ts';
import { latency } from './latency.ts';
import { s3Error } from './s3-error.ts';

export const faults: readonly FaultDefinition[] = [latency, bandwidth, dnsFailure, s3Error];

export const faultNames: readonly string[] = faults.map(({ name }) => name);

/** @throws RangeError when there is no such fault. */
export function faultNamed(name: string): FaultDefinition {
  const found = faults.find((fault) => fault.name === name);
  if (!found) throw new RangeError(`no fault is named ${name}: there are ${faultNames.join(', ')}`);
  return found;
}

/** How the effect of each is seen in a history. */
export const effects: EffectChecks = Object.fromEntries(faults.map(({ name, effect }) => [name, effect]));
