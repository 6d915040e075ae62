/**
 * Two hundred kills at seeded moments: of healthy writers, under SlowDown, during multipart uploads, and both. What was in a closed page
 * of the WAL or in a complete local block is not lost; the live traces that went with each process are counted, to the byte.
 */
import { describe, expect, it } from 'vitest';
import { ofType } from '../harness/checkers/example-history.ts';
import type { HistoryEvent } from '../harness/history/events.ts';
import { type ClientName, clientNames } from '../harness/object-store/clients.ts';
import { Random } from '../harness/random.ts';
import { prepare } from '../harness/scenario/run.ts';
import { type ScenarioInput, scenarioSchema } from '../harness/scenario/scenario.ts';
import { because, realHarness } from './real-harness.ts';

/** Two in each process, and killed with it, each in the middle of what it does. */
const WRITERS = 6;
const PROCESSES = 3;
const KILLS = 13;
/** From one kill to the next, in the config's time: a process is back in less. */
const EVERY_SECONDS = 45;

type Entry = NonNullable<ScenarioInput['timeline']>[number];

const slowDown: Entry = {
  at: '0s',
  for: `${KILLS * EVERY_SECONDS + 30}s`,
  fault: 's3-error',
  with: { code: 'SlowDown', operations: ['PutObject', 'UploadPart', 'CreateMultipartUpload'], probability: 0.4 },
};
const inParts = { 'storage.trace.s3.part_size': 5 * 1024 * 1024 };

/** `bytes`: the compression. */
const flavours: Record<string, { seed: number; bytes: number; set?: ScenarioInput['set']; under?: Entry[] }> = {
  healthy: { seed: 1, bytes: 400 },
  'under-slowdown': { seed: 2, bytes: 400, under: [slowDown] },
  multipart: { seed: 3, bytes: 100, set: inParts },
  'multipart-under-slowdown': { seed: 4, bytes: 100, set: inParts, under: [slowDown] },
};

/** Each kill at a moment and of a process that the seed draws, never of the one before: that may not be back yet. */
function kills(seed: number): Entry[] {
  const random = new Random(seed);
  let last = -1;
  return Array.from({ length: KILLS }, (_, kill) => {
    const drawn = Math.floor(random.uniform('process', kill) * (last < 0 ? PROCESSES : PROCESSES - 1));
    last = drawn >= last && last >= 0 ? drawn + 1 : drawn;
    const at = kill * EVERY_SECONDS + random.uniform('moment', kill) * (EVERY_SECONDS - 10);
    return {
      at: `${Math.round(at * 1000)}ms`,
      for: '8s',
      fault: 'writer-crash',
      with: { writers: [`ingester-${(last * WRITERS) / PROCESSES}`] },
    };
  });
}

/** What the kills struck: writers in a flush, and uploads that had been begun and were not over. */
function struck(history: HistoryEvent[]): { kills: number; flushes: number; uploads: number; liveBytes: number } {
  const flushing = new Map<string, number>();
  const uploading = new Map<string, Set<string>>();
  const writerOf = new Map<string, string>();
  const found = { kills: 0, flushes: 0, uploads: 0, liveBytes: 0 };
  for (const event of history) {
    if (event.type === 'flush.start') {
      flushing.set(event.writer, (flushing.get(event.writer) ?? 0) + 1);
      writerOf.set(event.block, event.writer);
    } else if (event.type === 'flush.end') flushing.set(event.writer, (flushing.get(event.writer) ?? 1) - 1);
    else if (event.type === 'attempt' && event.outcome === 'ok') {
      const writer = writerOf.get(event.key.split('/').at(-2) ?? '') ?? '';
      const open = uploading.get(writer) ?? new Set();
      uploading.set(writer, open);
      if (event.operation === 'CreateMultipartUpload') open.add(event.key);
      if (event.operation === 'CompleteMultipartUpload') open.delete(event.key);
    } else if (event.type === 'data.lost' && event.what === 'live-traces') found.liveBytes += event.bytes;
    else if (event.type === 'writer.process' && event.what === 'killed') {
      for (const writer of event.writers) {
        found.kills++;
        if ((flushing.get(writer) ?? 0) > 0) found.flushes++;
        if ((uploading.get(writer)?.size ?? 0) > 0) found.uploads++;
        flushing.delete(writer);
        uploading.delete(writer);
      }
    }
  }
  return found;
}

describe('kills at seeded moments', () => {
  const real = realHarness();
  const total = { kills: 0, flushes: 0, uploads: 0, liveBytes: 0 };

  const survives = async (name: string, client: ClientName) => {
    const { seed, bytes, set, under = [] } = flavours[name] as (typeof flavours)[string];
    const scenario = scenarioSchema.parse({
      name: `kills-${name}`,
      about: 'Writers are killed at seeded moments, and started again.',
      seed,
      compression: { time: 10, bytes },
      load: { writers: WRITERS, processes: PROCESSES, rate: '18MB/s', blocks: 20 },
      ...(set && { set }),
      timeline: [...under, ...kills(seed)],
      // No budgets in time: what is judged is what is lost.
      expect: { verdict: 'pass', lost: 0 },
    });
    const options = Object.entries(set ?? {}).map(([key, value]) => `${key}=${value}`);
    const { runs } = await prepare({ scenarios: ['healthy'], clients: [client], set: options });
    const [prepared] = runs;
    const result = await real.run({ ...(prepared as NonNullable<typeof prepared>), given: scenario.name, scenario });
    const history = await real.history(result);
    expect(ofType(history, 'data.lost').filter(({ what }) => what === 'wal')).toEqual([]);
    expect(result.blocks.lost, because(result)).toBe(0);
    // A writer that is killed again while its start still waits for S3's answer has made no attempt: of that kill the fault itself says that
    // its effect was not seen. What was lost is known all the same.
    const objections = result.findings.filter(({ verdict }) => verdict !== 'pass').map(({ checker }) => checker);
    expect(
      objections.filter((checker) => checker !== 'fault-fired'),
      because(result),
    ).toEqual([]);

    const found = struck(history);
    expect(found.kills).toBe((KILLS * WRITERS) / PROCESSES);
    expect(ofType(history, 'writer.process').filter(({ what }) => what === 'restarted')).toHaveLength(KILLS);
    // Acknowledged, and in no closed page: to the byte what Tempo promises nothing about.
    const sum = (bytes: number[]) => bytes.reduce((all, one) => all + one, 0);
    const pushed = sum(ofType(history, 'push').map((push) => push.bytes));
    const closed = sum(ofType(history, 'wal.page').map((page) => page.bytes));
    expect(found.liveBytes).toBe(pushed - closed);
    for (const key of Object.keys(found) as (keyof typeof found)[]) total[key] += found[key];
  };

  for (const client of clientNames) {
    it.concurrent(`lose nothing that Tempo has promised, through ${client}`, async () => {
      await Promise.all(Object.keys(flavours).map((name) => survives(name, client)));
    });
  }

  it('struck two hundred times, flushes and multipart uploads under way among them', () => {
    expect(total.kills).toBeGreaterThanOrEqual(200);
    expect(total.flushes).toBeGreaterThan(5);
    expect(total.uploads).toBeGreaterThan(2);
    expect(total.liveBytes).toBeGreaterThan(0);
  });
});
