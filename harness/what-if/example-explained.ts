/** An explained run to test reports and commands with: two flushes ended by their deadline, because the uplink was too slow. */
import { exampleResult } from '../report/example-run.ts';
import type { Blame } from '../verdict/attribution/blame.ts';
import type { Waterfall } from '../verdict/attribution/waterfall.ts';
import type { ExplainedRun } from './explain-run.ts';
import type { RanWhatIf } from './run-what-if.ts';
import type { Outcome } from './what-if.ts';

export const exampleBlame: Blame = {
  lostMs: 600_000,
  flushes: 2,
  causes: [
    { side: 'network', cause: 'bandwidth', share: 0.9, ms: 540_000 },
    { side: 's3', cause: 'slow', share: 0.1, ms: 60_000 },
  ],
};

export function exampleWaterfall(changed: Partial<Waterfall> = {}): Waterfall {
  return {
    writer: 'ingester-0',
    block: '0a1b2c3d-0000-4000-8000-000000000001',
    attempt: 1,
    outcome: 'fail',
    deadlineExceeded: true,
    error: 'error copying block from local to remote backend: context deadline exceeded',
    startedAt: 31_000,
    durationMs: 300_000,
    completing: { ms: 0, usualMs: 0 },
    queuedMs: 0,
    attempts: { sent: 3, failed: 1 },
    rows: [
      { piece: 'connect', ms: 1_000, usualMs: 900 },
      { piece: 'way', ms: 279_000, usualMs: 5_000 },
      { piece: 's3', ms: 20_000, usualMs: 1_000 },
    ],
    blame: { ...exampleBlame, lostMs: 290_000, flushes: 1 },
    ...changed,
  };
}

export function exampleExplained(changed: Partial<ExplainedRun> = {}): ExplainedRun {
  const result = exampleResult({
    verdict: 'fail',
    asExpected: false,
    deadlineExceeded: 2,
    explanation: '2 flushes ran into flush_op_timeout.',
    compression: { time: 20, bytes: 25 },
  });
  const waterfalls = [
    exampleWaterfall(),
    exampleWaterfall({ block: '0a1b2c3d-0000-4000-8000-000000000002', attempt: 2 }),
    exampleWaterfall({
      block: 'ffffffff-0000-4000-8000-000000000003',
      outcome: 'ok',
      deadlineExceeded: false,
      durationMs: 30_000,
      rows: [{ piece: 'way', ms: 30_000, usualMs: 5_000 }],
    }),
  ];
  return {
    file: `chaos-results/r/${result.folder}/history.ndjson`,
    result,
    scenario: {
      t: 0,
      type: 'scenario',
      format: 1,
      tool: 'tempo-s3-chaos 0.1.0',
      name: result.name,
      client: result.client,
      seed: result.seed,
      environment: 'native',
      scenario: {},
      compression: result.compression,
      settings: {},
      command: result.command,
    },
    of: 1,
    blame: exampleBlame,
    waterfalls,
    blocks: [...waterfalls.map(({ block }) => block), 'eeeeeeee-0000-4000-8000-000000000004'],
    failedFlushes: 2,
    ...changed,
  };
}

export function exampleOutcome(changed: Partial<Outcome> = {}): Outcome {
  return { verdict: 'pass', deadlineExceeded: 0, lost: 0, explanation: '', folder: '1-slowdown-burst', ...changed };
}

/** A longer deadline saves it, smaller blocks do not. */
export function exampleWhatIf(changed: Partial<RanWhatIf> = {}): RanWhatIf {
  const failed = exampleOutcome({ verdict: 'fail', deadlineExceeded: 2 });
  const tried = (setting: string, from: string, to: string) => ({
    setting,
    from,
    to,
    option: `${setting}=${to}`,
    why: 'the deadline ended flushes',
  });
  return {
    again: failed,
    tried: [
      {
        candidate: tried('ingester.flush_op_timeout', '5m', '10m'),
        effect: 'saves',
        outcomes: [exampleOutcome(), exampleOutcome(), exampleOutcome()],
      },
      {
        candidate: tried('ingester.max_block_bytes', '524288000', '262144000'),
        effect: 'does not save',
        outcomes: [failed],
      },
    ],
    folder: 'chaos-results/2026-01-01T00-00-00',
    ...changed,
  };
}
