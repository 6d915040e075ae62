/** Results to test reports with: what a run of a scenario that passes gives, and what is changed about it. */
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';

export function exampleResult(changed: Partial<ScenarioResult> = {}): ScenarioResult {
  return {
    name: 'slowdown-burst',
    about: 'S3 throttles for two minutes',
    client: 'aws-sdk',
    seed: 42,
    verdict: 'pass',
    expected: { verdict: 'pass' },
    asExpected: true,
    findings: [{ checker: 'durability', verdict: 'pass', message: 'all 8 blocks were read back whole' }],
    faults: [{ id: '1-s3-error', name: 's3-error', fired: 18, unit: 'requests' }],
    blocks: { cut: 8, flushed: 8, readBack: 8, lost: 0 },
    requests: { needed: 40, sent: 58, retries: 18 },
    recovery: { ms: 12_345, budgetMs: 180_000 },
    deadlineExceeded: 0,
    blame: { lostMs: 0, flushes: 0, causes: [] },
    data: { pushed: 4_000_000_000, refused: 0, liveLost: 0, peakBacklog: 1_200_000_000 },
    latency: { p50: 3.14, p99: 12.9 },
    compression: { time: 20, bytes: 100 },
    explanation: '',
    command: 'npx tempo-s3-chaos run slowdown-burst --client aws-sdk --seed 42',
    folder: 'slowdown-burst-aws-sdk',
    tookMs: 9_876,
    ...changed,
  };
}

export function exampleRun(scenarios: ScenarioResult[], changed: Partial<RunResult> = {}): RunResult {
  return {
    format: 1,
    tool: 'tempo-s3-chaos 0.1.0',
    verdict: 'pass',
    exitCode: 0,
    environment: 'native',
    config: 'tempo.yaml',
    set: [],
    startedAt: '2026-01-01T00:00:00.000Z',
    tookMs: 32_100,
    folder: 'chaos-results/2026-01-01T00-00-00',
    scenarios,
    ...changed,
  };
}
