/**
 * The settings that grafana/tempo#4361 names, and those that matter to a write: each has a scenario (suites/scenarios/settings), which
 * is run as it ships and once more with the setting as the deployment has it. What differs is what the setting does.
 */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import type { ClientName } from '../harness/object-store/clients.ts';
import { type Prepared, prepare } from '../harness/scenario/run.ts';
import type { ScenarioResult } from '../harness/scenario/run-result.ts';
import { groupedScenarios } from '../harness/scenario/shipped.ts';
import { because, realHarness } from './real-harness.ts';

const client: ClientName = 'minio';
const shipped = new Map((await groupedScenarios(undefined, 'settings')).map((one) => [one.given, one.scenario]));

interface Seen {
  result: ScenarioResult;
  history: HistoryEvent[];
}

const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

/** Requests of each S3 operation. */
function requests({ history }: Seen): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { operation } of ofType(history, 'attempt')) counts[operation] = (counts[operation] ?? 0) + 1;
  return counts;
}

/** Bytes of trace data taken in, and refused by one of the limits. */
function pushed({ history }: Seen, by?: 'rate_limit_bytes' | 'max_traces_per_user') {
  const pushes = ofType(history, 'push');
  const refused = pushes.flatMap((push) => (push.refused && push.refused.by === by ? push.refused.bytes : []));
  const first = pushes[0]?.t ?? 0;
  const ms = (pushes.at(-1)?.t ?? 0) - first;
  const early = pushes.filter(({ t }) => t < first + ms / 4);
  return {
    taken: sum(pushes.map(({ bytes }) => bytes)),
    early: sum(early.map(({ bytes }) => bytes)),
    refused: sum(refused),
    ms,
    mostLive: Math.max(...pushes.map(({ live }) => live.traces)),
  };
}

const cut = ({ history }: Seen) => new Set(ofType(history, 'block.cut').map(({ block }) => block)).size;
const cutBytes = ({ history }: Seen) => sum(ofType(history, 'block.cut').map(({ bytes }) => bytes));

describe('settings', () => {
  const real = realHarness();
  const tried = new Set<string>();

  /** As it ships, and with other values of what it sets. */
  const both = async (name: string, usual: Record<string, string>): Promise<{ shown: Seen; other: Seen }> => {
    tried.add(name);
    const scenario = shipped.get(name);
    if (!scenario) throw new Error(`settings suite: no scenario ${name} ships in the group settings`);
    const set = Object.entries({ ...scenario.set, ...usual }).map(([key, value]) => `${key}=${value}`);
    const { runs } = await prepare({ scenarios: ['healthy'], clients: [client], set });
    const [settings] = runs as [Prepared];
    const run = async (prepared?: Prepared): Promise<Seen> => {
      const result = prepared ? await real.run(prepared) : await real.runNamed(name, client);
      return { result, history: await real.history(result) };
    };
    const [shown, other] = await Promise.all([
      run(),
      run({ ...settings, given: name, scenario: { ...scenario, set: {}, expect: { ...scenario.expect } } }),
    ]);
    expect(shown.result.asExpected, because(shown.result)).toBe(true);
    return { shown, other };
  };

  it.concurrent('queue_depth: no write knows of it', async () => {
    const { shown, other } = await both('queue-depth', { 'storage.trace.pool.queue_depth': '50000' });
    expect(other.result.verdict, because(other.result)).toBe('pass');
    expect(requests(shown)).toEqual(requests(other));
  });

  it.concurrent('rate_limit_bytes: how much there is to flush', async () => {
    const { shown, other } = await both('rate-limit', {
      'overrides.defaults.ingestion.rate_limit_bytes': '600000000',
      'overrides.defaults.ingestion.burst_size_bytes': '800000000',
    });
    expect(other.result.verdict, because(other.result)).toBe('pass');
    const [narrow, wide] = [pushed(shown, 'rate_limit_bytes'), pushed(other, 'rate_limit_bytes')];
    expect(narrow.refused).toBeGreaterThan(wide.refused * 1.2);
    const ratio = narrow.taken / narrow.ms / (wide.taken / wide.ms);
    expect(ratio).toBeGreaterThan(0.4);
    expect(ratio).toBeLessThan(0.65);
  });

  it.concurrent('burst_size_bytes: how much there is at once', async () => {
    const { shown, other } = await both('burst-size', {
      'overrides.defaults.ingestion.burst_size_bytes': '800000000',
    });
    const [large, small] = [pushed(shown, 'rate_limit_bytes'), pushed(other, 'rate_limit_bytes')];
    expect(large.early / large.taken).toBeGreaterThan(1.3 * (small.early / small.taken));
  });

  it.concurrent('max_traces_per_user: how many live traces, and no limit of bytes', async () => {
    const { shown, other } = await both('max-traces', {
      'overrides.defaults.ingestion.max_traces_per_user': '3000000',
    });
    const [few, many] = [pushed(shown, 'max_traces_per_user'), pushed(other, 'max_traces_per_user')];
    expect(few.refused).toBeGreaterThan(0);
    expect(many.refused).toBe(0);
    // Blocks are divided by 200, and so is the number of traces. A page that is being written counts as live, and not against the limit.
    expect(few.mostLive).toBeLessThanOrEqual(200);
    expect(many.mostLive).toBeGreaterThan(200);
  });

  it.concurrent('flush_op_timeout: too short, and no block gets through', async () => {
    const { shown, other } = await both('flush-op-timeout', { 'ingester.flush_op_timeout': '5m' });
    expect(other.result.verdict, because(other.result)).toBe('pass');
    expect(shown.result.explanation).toContain('flush_op_timeout');
  });

  it.concurrent('concurrent_flushes: one at a time, and blocks queue up', async () => {
    const { other } = await both('concurrent-flushes', { 'ingester.concurrent_flushes': '4' });
    expect(other.result.verdict, because(other.result)).toBe('pass');
  });

  it.concurrent('max_block_bytes: too large for its deadline', async () => {
    const { other } = await both('max-block-bytes', { 'ingester.max_block_bytes': '500000000' });
    expect(other.result.verdict, because(other.result)).toBe('pass');
  });

  it.concurrent('max_block_duration: more requests for the same data', async () => {
    const { shown, other } = await both('max-block-duration', { 'ingester.max_block_duration': '30m' });
    expect(other.result.verdict, because(other.result)).toBe('pass');
    expect(cut(shown)).toBe(cut(other));
    expect(cutBytes(other)).toBeGreaterThan(2 * cutBytes(shown));
  });

  it.concurrent('part_size: what gets through before a connection ends', async () => {
    const { shown, other } = await both('part-size', { 'storage.trace.s3.part_size': '16777216' });
    const flushedMeanwhile = ({ history }: Seen) => {
      const [from = 0] = ofType(history, 'fault.start').map(({ t }) => t);
      const [until = 0] = ofType(history, 'fault.end').map((end) => end.until);
      const begun = new Set(
        ofType(history, 'flush.start').flatMap(({ t, block }) => (t > from && t < until ? [block] : [])),
      );
      return ofType(history, 'flush.end').filter(
        ({ t, block, outcome }) => outcome === 'ok' && t < until && begun.has(block),
      ).length;
    };
    expect(flushedMeanwhile(shown)).toBeGreaterThan(0);
    expect(flushedMeanwhile(other)).toBe(0);
  });

  it.concurrent('retry_max_attempts: an outage outlived within one flush', async () => {
    const { shown, other } = await both('retry-attempts', { 'policy.attempts': '10' });
    const failed = (seen: Seen) => ofType(seen.history, 'flush.end').filter(({ outcome }) => outcome === 'fail').length;
    expect(failed(shown)).toBe(0);
    expect(failed(other)).toBeGreaterThan(0);
  });

  it('each that ships is tried here', () => {
    expect([...tried].sort()).toEqual([...shipped.keys()].sort());
  });
});
