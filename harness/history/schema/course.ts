/** The course of the scenario: what was run, its phases, its faults, and how the harness itself fared. */
import { z } from 'zod';
import { count, event, maybe, moment, ms, text } from './event.ts';

export const courseSchemas = {
  scenario: event('scenario', 'What was run: enough to judge it again, and to run it again. The first event.', {
    format: z.literal(1).describe('Of the history. One of another format is not judged.'),
    tool: text('What wrote it, with its version.'),
    name: text("The scenario's."),
    client: text('`aws-sdk` or `minio`.'),
    seed: z.number(),
    environment: text('`native` or `docker`.'),
    scenario: z
      .unknown()
      .describe("The scenario as read: durations in milliseconds of the config's time, sizes in bytes of the config."),
    compression: z
      .strictObject({ time: z.number(), bytes: z.number() })
      .describe('What durations, and sizes of blocks, were divided by.'),
    settings: z.unknown().describe('As the writer got them (compressed).'),
    command: text('The command line that runs this one alone, with the same seed.'),
  }),
  phase: event('phase', 'A phase of the scenario begins.', {
    phase: z.enum(['lease', 'steady-state', 'timeline', 'drain', 'final-read', 'judging']),
  }),
  'fault.start': event('fault.start', 'A fault is in force.', {
    id: text('Unique in the scenario: `1-latency`.'),
    fault: text('Its name in the catalogue.'),
    with: z.unknown().describe('Its parameters as injected (compressed).'),
  }),
  'fault.end': event('fault.end', 'A fault is over: what it counted and measured where it acted.', {
    id: text('As in `fault.start`.'),
    fault: text('Its name in the catalogue.'),
    fired: z
      .number()
      .nullable()
      .describe('How many times it acted. `null`: it cannot be counted there, and is counted by its effect.'),
    unit: text('What `fired` counts: `requests`, `queries`.'),
    healed: z.boolean(),
    until: moment('Its healing began'),
    evidence: maybe(z.record(z.string(), z.union([z.number(), z.string()])).describe('More that was measured.')),
    error: maybe(text('Why it could not be injected, or healed.')),
  }),
  server: event('server', "A fault did something to the lease's own S3 server.", {
    what: z.enum(['paused', 'resumed', 'ended', 'started', 'filled', 'emptied']),
    rule: text('The fault.'),
  }),
  probe: event('probe', 'The way through the path, before the first fault and after the last heal.', {
    when: z.enum(['before', 'after']),
    samples: z
      .array(
        z.strictObject({
          operation: z.enum(['PutObject', 'GetObject', 'DeleteObject']),
          ms: ms('What it took'),
          error: maybe(text('How it failed.')),
          unanswered: maybe(z.literal(true).describe('It failed in that the probe did not wait any longer.')),
        }),
      )
      .describe('Requests, each over a connection of its own.'),
    inForce: z.array(z.string()).describe('What of a fault is still in force.'),
    idReachedS3: maybe(
      z
        .boolean()
        .describe('S3 accepted a request that was signed with its attempt id, which the gateway has to keep from S3.'),
    ),
  }),
  lateness: event('lateness', 'How late one process of the harness was, over the interval that ended at `t`.', {
    process: text('Which.'),
    writer: maybe(text('Of a process that tells it once for each of its writers: of this one.')),
    pid: maybe(count("The process's number.")),
    memory: maybe(z.number().describe('Bytes that it holds (resident).')),
    maxMs: ms('The longest time that its event loop was blocked'),
    totalMs: ms('All the time that it was blocked'),
    p99Ms: maybe(ms("The 99th percentile of the event loop's delay, over all intervals so far")),
    intervalMs: ms('The interval'),
  }),
  'harness.error': event('harness.error', 'Something of the harness broke: the scenario cannot be judged.', {
    where: text('What.'),
    message: text('How.'),
  }),
  'release.error': event('release.error', 'What was leased could not be released: something is left behind.', {
    message: text('What.'),
  }),
};
