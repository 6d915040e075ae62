/**
 * Writers that end while S3 is away, through both clients: they cannot start before it is back, are started again until then, and then
 * replay their WAL.
 */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import { type ClientName, clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

describe('writers that end while S3 is away', () => {
  const real = realHarness();

  const cannotStart = async (scenario: string, client: ClientName) => {
    const result = await real.runNamed(scenario, client);
    expect(result.asExpected, because(result)).toBe(true);
    expect(result.explanation).toMatch(
      /Writer ingester-0 could not start \d times? while S3 was away \(from \d+:\d\d to \d+:\d\d\)/,
    );
    const history = await real.history(result);
    const failed = ofType(history, 'writer.start-failed').filter(({ writer }) => writer === 'ingester-0');
    // 10 s, 20 s, ... of the config's time.
    expect(failed.map(({ retryIn = 0 }) => retryIn * 20)).toEqual(failed.map((_, tries) => 10_000 * 2 ** tries));
    expect(failed.length).toBeGreaterThan(0);
    const outage = ofType(history, 'fault.end').find(({ id }) => id.startsWith('1-'));
    for (const { start, error } of failed) {
      expect(start).toBeLessThan(outage?.t ?? 0);
      expect(error).toContain('cannot start');
    }
    return { result, history };
  };

  for (const client of clientNames) {
    it.concurrent(`a crash, through ${client}`, async () => {
      const { history } = await cannotStart('crash-during-outage', client);
      const restarted = ofType(history, 'writer.process').find(({ what }) => what === 'restarted');
      expect((restarted?.found?.walBlocks ?? 0) + (restarted?.found?.localBlocks ?? 0)).toBeGreaterThan(0);
    });

    it.concurrent(`a rollout, which stands still until then, through ${client}`, async () => {
      const { history } = await cannotStart('rollout-during-outage', client);
      const outage = ofType(history, 'fault.end').find(({ id }) => id.startsWith('1-'));
      const second = ofType(history, 'writer.process').filter(({ what }) => what === 'stopped')[1];
      expect(second?.writers).toEqual(['ingester-1']);
      expect(second?.t).toBeGreaterThan(outage?.t ?? Number.POSITIVE_INFINITY);
    });
  }
});
