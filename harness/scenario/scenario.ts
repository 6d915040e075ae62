/** The schema of a scenario: what a file holds, and what it is once read. Durations become milliseconds, sizes bytes. */
import { z } from 'zod';
import { checkerNames } from '../checkers/catalogue.ts';
import { duration, positiveDuration, share, sizeOrNone, sizeOrShare } from '../faults/parameters.ts';
import { contradictionsIn } from './contradictions.ts';
import { expandTimeline } from './expand-timeline.ts';
import { loadSchema } from './load.ts';
import { strangersIn } from './named-writers.ts';
import { timelineEntry } from './timeline-entry.ts';

const expectations = z
  .strictObject({
    verdict: z.enum(['pass', 'fail']).default('pass'),
    cause: z
      .enum(checkerNames as [string, ...string[]])
      .optional()
      .describe('with verdict fail: the checker that must fail'),
    lost: z.int().min(0).default(0).describe('blocks lost at most'),
    deadlineExceeded: z.int().min(0).optional().describe('flushes that ran into flush_op_timeout at most'),
    visibleWithin: positiveDuration().optional().describe("from a block's cut to its meta.json in S3"),
    recoveredWithin: positiveDuration()
      .optional()
      .describe('from the last heal until every block cut before it is in S3'),
    amplification: z.number().min(1).optional().describe('requests sent for each request needed, at most'),
    liveTracesLost: sizeOrNone().optional().describe('acknowledged data that was not in the WAL when a process ended'),
    visibilityGap: duration().optional().describe('from the local clearing of a block until any reader knows it'),
    orphanedParts: z.int().min(0).optional().describe('parts of uploads that were never completed, at most'),
    orphanedBytes: sizeOrNone().optional().describe('bytes of such parts, at most'),
    backlog: sizeOrShare()
      .optional()
      .describe("of a writer's local disk, or bytes on it: not in S3 at any time, at most"),
    firstAttemptSuccess: share().optional().describe('of write requests, acknowledged at the first attempt, at least'),
    finalSuccess: share().optional().describe('of write requests, acknowledged in the end, at least'),
    retryStorm: z
      .number()
      .min(1)
      .optional()
      .describe('write attempts in the busiest minute, for each of the busiest minute without faults, at most'),
    regained: z
      .number()
      .min(1)
      .optional()
      .describe('how many times longer PUTs and flushes take after the last heal than before the first fault, at most'),
  })
  .superRefine((expect, context) => {
    if (expect.verdict === 'fail' && expect.cause === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['verdict'],
        message: 'a scenario that expects fail has to say by which checker: add `cause`',
      });
    }
    if (expect.verdict === 'pass' && expect.cause !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['cause'],
        message: 'a cause is for `verdict: fail` only: this scenario expects pass',
      });
    }
  });

export const scenarioSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, 'expected 1 to 40 of a-z, 0-9 and hyphens')
      .describe('names the results'),
    about: z.string().min(1).describe('one sentence: what happens, and where that is seen in the world'),
    seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(42),
    compression: z
      .strictObject({ time: z.number().min(1).max(1000).default(1), bytes: z.number().min(1).max(100_000).default(1) })
      .prefault({}),
    load: loadSchema,
    set: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .default({})
      .describe('settings over the config, as --set has them'),
    timeline: z.array(timelineEntry).default([]),
    expect: expectations.prefault({}),
  })
  .transform((scenario, context) => {
    if (context.issues.length > 0) return z.NEVER;
    for (const { path, message } of strangersIn(scenario)) {
      context.addIssue({ code: 'custom', path: ['timeline', ...path], message });
    }
    const { timeline, problems } = expandTimeline(scenario.timeline, scenario.seed);
    for (const { key, message } of contradictionsIn(scenario)) {
      context.addIssue({ code: 'custom', path: ['expect', key], message });
    }
    for (const { entry, key, message } of problems) {
      context.addIssue({ code: 'custom', path: ['timeline', entry, key], message });
    }
    return { ...scenario, timeline };
  });

export type Scenario = z.output<typeof scenarioSchema>;
/** A scenario as TypeScript has it, for `suites/`. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
