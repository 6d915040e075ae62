/** Thirty writers at once: in a few processes, beside the load of a deployment's queriers and compactors, within the memory of a desk. */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import { writerOf } from '../harness/faults/writers-machine.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import { clientNames } from '../harness/object-store/clients.ts';
import { because, realHarness } from './real-harness.ts';

const GiB = 1024 ** 3;
const WRITERS = 30;

/** The most memory that each process of the harness had. */
function memoryByProcess(history: HistoryEvent[]): Map<number, number> {
  const most = new Map<number, number>();
  for (const { pid = 0, memory = 0 } of ofType(history, 'lateness'))
    most.set(pid, Math.max(most.get(pid) ?? 0, memory));
  return most;
}

describe('a fleet', () => {
  const real = realHarness();

  for (const client of clientNames) {
    it(`starts all at once, beside queriers and compactors, through ${client}`, async () => {
      const result = await real.runNamed('thundering-start', client);
      expect(result.asExpected, because(result)).toBe(true);
      const history = await real.history(result);

      const pushes = ofType(history, 'push');
      const begun = Array.from({ length: WRITERS }, (_, index) => {
        return pushes.find(({ writer }) => writer === `ingester-${index}`)?.t ?? Number.NaN;
      });
      // The random wait before a block's first flush is 10 s, compressed by 10: nobody is later than that.
      expect(Math.max(...begun) - Math.min(...begun)).toBeLessThan(1000);
      const late = ofType(history, 'lateness');
      expect(new Set(late.filter((one) => one.process === 'subject').map(({ pid }) => pid)).size).toBe(4);
      const memory = [...memoryByProcess(history).values()].reduce((sum, bytes) => sum + bytes, 0);
      expect(memory).toBeGreaterThan(0.2 * GiB);
      expect(memory).toBeLessThan(1.5 * GiB);

      const background = ofType(history, 'background');
      expect(background.length).toBeGreaterThan(5);
      expect(background.filter(({ outcome }) => outcome !== 'ok')).toEqual([]);
      const withoutId = ofType(history, 'edge').filter(({ id }) => id === undefined);
      expect(withoutId.length).toBeGreaterThanOrEqual(background.length);
      const writers = new Set(ofType(history, 'attempt').map(writerOf));
      expect(writers.size).toBe(WRITERS);
    });
  }

  it('has one whose disk is slow, and which alone is late', async () => {
    const result = await real.runNamed('one-slow-writer', 'minio');
    expect(result.asExpected, because(result)).toBe(true);
    const history = await real.history(result);
    expect(new Set(ofType(history, 'disk').map(({ writer }) => writer))).toEqual(new Set(['ingester-7']));
  });
});
