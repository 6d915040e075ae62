/** What a history's own scenario expects. */
import { z } from 'zod';
import type { ScenarioEvent } from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';

/** A history is read as data: it may be of another version of this tool, or edited. */
const scenarioWithExpectations = z.object({
  expect: z.object({
    verdict: z.enum(['pass', 'fail']),
    cause: z.string().optional(),
    lost: z.number(),
    deadlineExceeded: z.number().optional(),
    visibleWithin: z.number().optional(),
    recoveredWithin: z.number().optional(),
    amplification: z.number().optional(),
    liveTracesLost: z.number().optional(),
    visibilityGap: z.number().optional(),
  }),
});

/** @throws Error that names what is missing or wrong: the history cannot be judged then. */
export function expectationsOf({ name, scenario }: ScenarioEvent): Expectations {
  const read = scenarioWithExpectations.safeParse(scenario);
  if (!read.success) {
    const problems = read.error.issues
      .map(({ path, message }) => `${path.join('.') || 'scenario'}: ${message}`)
      .join('; ');
    throw new Error(
      `judge: what the scenario ${name} expects cannot be read from its history (${problems}): was it written by another version of this tool?`,
    );
  }
  // In a history an absent budget is absent, never `undefined`.
  return read.data.expect as Expectations;
}
