/** Explorations to test reports with: one timeline that passed, and what is changed about it. */
import type { ExploredTimeline, ExploreFinding, ExploreResult } from '../explore/explore-result.ts';

export function exampleTimeline(changed: Partial<ExploredTimeline> = {}): ExploredTimeline {
  return {
    number: 1,
    name: 'explored-7-1',
    client: 'minio',
    verdict: 'pass',
    faults: 's3-error for 40s, latency for 1m',
    outageMs: 60_000,
    ...changed,
  };
}

export function exampleFinding(changed: Partial<ExploreFinding> = {}): ExploreFinding {
  return {
    name: 'explored-7-2',
    client: 'minio',
    number: 2,
    cause: 'durability',
    drawn: 's3-error for 40s, latency for 1m',
    smallest: 's3-error for 20s',
    explanation: '2 of 6 blocks were lost: a flush that failed is not tried again.',
    confirmed: { times: 3, of: 3 },
    shrinking: { runs: 11, stopped: false },
    file: 'chaos-results/2026-01-01T00-00-00-abcd/explored-7-2.yaml',
    command:
      'npx tempo-s3-chaos run chaos-results/2026-01-01T00-00-00-abcd/explored-7-2.yaml --client minio --seed 1234',
    evidence: ['explored-7-2-minio-step-3-again-1'],
    alike: [],
    ...changed,
  };
}

export function exampleExploration(changed: Partial<ExploreResult> = {}): ExploreResult {
  return {
    format: 1,
    tool: 'tempo-s3-chaos 0.1.0',
    verdict: 'pass',
    exitCode: 0,
    seed: 7,
    runs: 1,
    intensity: 'usual',
    clients: ['minio'],
    environment: 'native',
    config: 'tempo.yaml',
    set: [],
    startedAt: '2026-01-01T00:00:00.000Z',
    tookMs: 32_100,
    folder: 'chaos-results/2026-01-01T00-00-00-abcd',
    timelines: [exampleTimeline()],
    coverage: [
      { fault: 's3-error', drawn: 1, acted: 1, fired: 18, unit: 'requests' },
      { fault: 'latency', drawn: 1, acted: 1, fired: 30, unit: 'requests' },
      { fault: 'stall', drawn: 0, acted: 0, fired: 0 },
    ],
    leftOut: [],
    judged: { visibleWithin: 1, deadlineExceeded: 1 },
    findings: [],
    notShrunk: [],
    spent: { timelines: 1, again: 0, shrinking: 0, confirming: 0 },
    ...changed,
  };
}
