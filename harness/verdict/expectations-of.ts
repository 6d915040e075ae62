/** What a history's own scenario expects. */
import { z } from 'zod';
import type { CheckContext } from '../checkers/checker.ts';
import type { ScenarioEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import type { Expectations } from '../scenario/expectations.ts';
import { inPlainWords } from '../scenario/plain-words.ts';

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
    orphanedParts: z.number().optional(),
    orphanedBytes: z.number().optional(),
    backlog: z.union([z.object({ bytes: z.number() }), z.object({ share: z.number() })]).optional(),
    firstAttemptSuccess: z.number().optional(),
    finalSuccess: z.number().optional(),
    retryStorm: z.number().optional(),
    regained: z.number().optional(),
  }),
});

/** What a history's scenario says about how it is to be judged. @throws what `expectationsOf` throws. */
export function contextOf(scenario: ScenarioEvent): CheckContext {
  return { expect: expectationsOf(scenario), compression: scenario.compression };
}

/** @throws HistoryError that names what is missing or wrong: the history cannot be judged then. */
export function expectationsOf({ name, scenario, tool }: ScenarioEvent): Expectations {
  const read = scenarioWithExpectations.safeParse(scenario, { error: inPlainWords });
  if (!read.success) {
    const problems = read.error.issues
      .map(({ path, message }) => `${path.join('.') || 'scenario'}: ${message}`)
      .join('; ');
    throw new HistoryError(
      'judge',
      `what the scenario ${name} expects cannot be read from its history (${problems})`,
      `judge it with the version that wrote it: ${tool}`,
    );
  }
  // In a history an absent budget is absent, never `undefined`.
  return read.data.expect as Expectations;
}
