/**
 * One scenario through one client, from lease to verdict:
 *
 * 1. Lease an isolated path, and start the writers in their processes, and the traffic beside them.
 * 2. Steady state: a block of each writer reaches S3 with no fault.
 * 3. Timeline: faults are injected, held, healed.
 *    From the steady state on compactors run too, if the scenario has some. All the while a reader polls the bucket.
 * 4. Drain: the writers have the recovery budget to flush what they hold. Meanwhile the path is probed: it has to be healed.
 * 5. Final read: what is on the local disks, and every object straight from MinIO.
 * 6. Release the path, and put the history together.
 * 7. Judge the history.
 *
 * Whatever of the harness breaks on the way becomes a `harness.error` of the history: the scenario is then inconclusive. A
 * release that fails becomes a `release.error`: the scenario then fails.
 */
import { setMaxListeners } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackgroundLoad } from '../background/background-load.ts';
import { quickest, slowest } from '../checkers/path-healed.ts';
import type { RunningCompactors } from '../compactor/compactor-process.ts';
import { type Lease, type PathParts, takeLease } from '../environment/lease.ts';
import type { PhaseEvent, ProbeEvent } from '../history/events.ts';
import { historyFormat } from '../history/format.ts';
import { mergeParts } from '../history/merge.ts';
import { HistoryPart } from '../history/part.ts';
import { DEFAULT_REGION } from '../object-store/bucket-region.ts';
import { readBucket } from '../object-store/direct-reader.ts';
import { usesPathStyle } from '../object-store/path-style.ts';
import { watchLateness } from '../process/lateness.ts';
import { Random } from '../random.ts';
import type { SubjectMachine } from '../subject/subject-machine.ts';
import type { SubjectPool } from '../subject/subject-pool.ts';
import { keyFolder } from '../tempo/key-folder.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { type BlocklistReader, startBlocklistReader } from './blocklist-reader.ts';
import { Compression } from './compression.ts';
import { writerNames } from './load.ts';
import type { LoadPace } from './load-pace.ts';
import { readLocalDisk, readLocalWal, type WriterDisk } from './local-read.ts';
import { needsOf } from './needs.ts';
import { probe } from './probe.ts';
import { compressedLoad, startBackground, startCompactors, startWriters, TENANT } from './senders.ts';
import type { ScenarioRun, Stage } from './stage.ts';
import { runTimeline } from './timeline.ts';
import { tool } from './tool.ts';
import { type Told, Writers } from './writers.ts';

/** How long the first block may take beyond its cut and its random wait: in the config's time, and as it passes at least. */
const STEADY_STATE_PATIENCE_MS = 2 * 60_000;
const LEAST_PATIENCE_MS = 20_000;
/** How much longer than the budget the drain lasts: at least so many milliseconds as they pass, else this share of it. */
const LEAST_OVERTIME_MS = 1500;
const OVERTIME_SHARE = 0.1;
/** How often a WAL is looked at that should be empty: listing it takes a millisecond. */
const WAL_AGAIN_MS = 200;
/** The drain of a scenario that states no budget, in the config's time. */
const USUAL_DRAIN_MS = 10 * 60_000;
/** The patience with a compaction under way when all else is over, as it passes. */
const LAST_COMPACTION_MS = 10_000;
/** The end of a process is noticed within milliseconds of the first request that it refuses, on a busy machine too. */
const NOTICE_MS = 1000;

/** Gives the file of the whole history; `judgeFile` makes a verdict of it. */
export async function runScenario(parts: PathParts, subjects: SubjectPool, run: ScenarioRun): Promise<string> {
  const { scenario, clock } = run;
  const compression = new Compression(scenario.compression.time, scenario.compression.bytes);
  const settings = compression.settings(run.settings);
  const partsFolder = join(run.folder, 'parts');
  await mkdir(partsFolder, { recursive: true });
  await mkdir(run.disks, { recursive: true });
  const harness = new HistoryPart(join(partsFolder, 'harness.ndjson'));
  const { record } = harness;
  record({
    t: clock.now(),
    type: 'scenario',
    format: historyFormat,
    tool,
    name: scenario.name,
    client: run.client,
    seed: scenario.seed,
    environment: parts.environment.name,
    scenario,
    compression: scenario.compression,
    settings,
    command: run.command,
  });
  const broken = (where: string, message: string) => record({ t: clock.now(), type: 'harness.error', where, message });
  const stopLateness = watchLateness('harness', clock, record);

  // What ends the scenario early: the run's own signal, or a part of the path that died.
  const stop = new AbortController();
  const onAbort = () => stop.abort(run.signal.reason);
  // It is the signal of all that run side by side: more than ten that listen are no leak.
  setMaxListeners(0, run.signal);
  run.signal.addEventListener('abort', onAbort, { once: true });
  if (run.signal.aborted) onAbort();
  let over = false;
  const watch = (where: string, died: Promise<string>) =>
    died.then((message) => {
      if (over) return;
      broken(where, message);
      stop.abort(new Error(message));
    });
  const pathDied = Promise.race([
    watch('environment', parts.environment.died),
    watch('gateway', parts.gateway.died),
    watch('dns', parts.dns.died),
  ]).then(() => true);

  const stage: Stage = { ...run, compression, compressed: settings, partsFolder, record, stop: stop.signal, watch };
  try {
    enter(stage, 'lease');
    const needed = needsOf(scenario.timeline);
    const lease = await takeLease(parts, {
      name: run.leaseName,
      partsFolder,
      region: regionOf(settings),
      secure: !settings.s3.insecure,
      virtualHost: !usesPathStyle(settings.s3),
      ...(needed.has('own-server') && { ownServer: { limitedDisk: needed.has('limited-disk') } }),
    });
    if (lease.server) watch('server', lease.server.died);
    try {
      await onLease(stage, lease, subjects);
    } finally {
      await lease.release().catch(async (error: Error) => {
        // What has died releases nothing, and is told as what it is. That it has may be noticed only after a request to it failed.
        const died = await Promise.race([pathDied, clock.sleep(NOTICE_MS).then(() => false)]);
        if (!died) record({ t: clock.now(), type: 'release.error', message: error.message });
      });
    }
  } catch (error) {
    if (!stop.signal.aborted) broken('harness', (error as Error).message);
  } finally {
    over = true;
    run.signal.removeEventListener('abort', onAbort);
    stopLateness();
    enter(stage, 'judging');
    await harness.close();
  }
  run.signal.throwIfAborted();
  return mergeParts(run.folder);
}

/** Where the config names none, the writer asks S3 for it: this is what MinIO answers for every bucket. */
function regionOf({ s3 }: TempoSettings): string {
  return s3.region || DEFAULT_REGION;
}

function enter({ record, clock, doing }: Stage, phase: PhaseEvent['phase']): void {
  record({ t: clock.now(), type: 'phase', phase });
  doing(phase.replace('-', ' '));
}

/** Steps 2 to 5. */
async function onLease(stage: Stage, lease: Lease, subjects: SubjectPool): Promise<void> {
  const { scenario, compression, compressed, clock, record, stop, doing } = stage;
  const disks = writerNames(scenario.load).map((writer) => ({
    writer,
    folder: join(stage.disks, writer),
    tenant: TENANT,
  }));
  // Before the writers take anything in: on a busy machine it would hold up the timeline while they run out of blocks.
  const before = await probePath(stage, lease, 'before');
  const load = compressedLoad(stage);
  const machine = await startWriters(stage, load, lease, subjects, disks);
  const blocks: string[] = [];
  let background: BackgroundLoad | undefined;
  let compactors: RunningCompactors | undefined;
  let reader: BlocklistReader | undefined;
  try {
    const writers = new Writers(machine.writers, clock);
    stage.watch('subject', writers.died);
    try {
      enter(stage, 'steady-state');
      background = await startBackground(stage, lease);
      if (background) stage.watch('background', background.died);
      reader = startReader(stage, lease);
      const { untilCut, untilSwept } = load.pace;
      const patience =
        load.startOver +
        untilCut +
        untilSwept +
        compressed.policy.firstFlushJitter +
        Math.max(LEAST_PATIENCE_MS, compression.duration(STEADY_STATE_PATIENCE_MS, 'steady state'));
      const begun = clock.now();
      const steady = await writers.until(
        (told) => told.withFlushed === disks.length,
        () => begun + patience,
        stop,
      );
      if (steady) {
        compactors = await startCompactors(stage, lease);
        if (compactors) stage.watch('compactor', compactors.died);
        enter(stage, 'timeline');
        await runTimeline(scenario.timeline, {
          ...stage,
          lease,
          machine,
          seed: scenario.seed,
          signal: stop,
          ...(stage.sabotage?.fault && { injected: stage.sabotage.fault }),
        });
        const [, healed] = await Promise.all([
          drain(stage, writers, load.pace, disks),
          probePath(stage, lease, 'after', machine),
        ]);
        await background?.stop();
        if (compactors) await lastCompactions(stage, compactors);
        // Slower than before, or without an answer, perhaps by the writers' backlog alone: that is gone by now.
        if (
          before &&
          healed &&
          (quickest(healed.samples) > slowest(before.samples) || healed.samples.some(({ unanswered }) => unanswered))
        )
          await probePath(stage, lease, 'after', machine);
      }
    } finally {
      doing('stopping the writers');
      try {
        await Promise.all([background?.stop(), compactors?.stop(), writers.stop()]);
      } finally {
        await reader?.stop(!stop.aborted);
      }
      blocks.push(...writers.blocks);
    }
  } finally {
    await machine.release();
  }
  enter(stage, 'final-read');
  if (stop.aborted) return;
  await stage.sabotage?.beforeFinalRead?.(lease);
  for (const disk of disks) await readLocalDisk(disk, clock, record);
  const folder = keyFolder(compressed.s3.prefix, TENANT);
  // One that a fault left paused or ended would be waited for without end: that it was is told by the probe.
  await lease.server?.revive();
  await readBucket(
    { ...lease.direct, credentials: lease.credentials, bucket: lease.bucket, prefix: '', region: regionOf(compressed) },
    record,
    clock,
    // Only a data.parquet is ever large enough for parts. The MinIO that leases share is never started anew: its end is the run's.
    lease.server && [...blocks.map((block) => `${folder}${block}/data.parquet`), ...(compactors?.dataKeys ?? [])],
  );
}

/** In the place of all queriers of the deployment: each polls every blocklist_poll, at moments of its own. */
function startReader({ scenario, compressed, clock, record }: Stage, lease: Lease): BlocklistReader {
  const every = compressed.other.blocklistPoll / Math.max(1, compressed.deployment.queriers);
  const s3 = { ...lease.direct, credentials: lease.credentials, bucket: lease.bucket, region: regionOf(compressed) };
  return startBlocklistReader({
    s3,
    folder: keyFolder(compressed.s3.prefix, TENANT),
    every,
    first: every * new Random(scenario.seed).uniform('first poll'),
    clock,
    record,
  });
}

async function probePath(
  stage: Stage,
  lease: Lease,
  when: 'before' | 'after',
  machine?: SubjectMachine,
): Promise<ProbeEvent | undefined> {
  const { scenario, compressed, clock, stop, record } = stage;
  if (scenario.timeline.length === 0) return undefined;
  const region = regionOf(compressed);
  const event = await probe({ lease, region, when, clock, signal: stop, ...(machine && { machine }) });
  record(event);
  return event;
}

/** Lets the compactors find the last blocks, and take their turn at them: what they do after the faults is to be judged too. */
async function lastCompactions(stage: Stage, compactors: RunningCompactors): Promise<void> {
  const { compressed, clock, stop, doing } = stage;
  doing('drain: the last blocks are compacted');
  const { other, compaction } = compressed;
  await clock.sleep(other.blocklistPoll + 2 * compaction.cycle, stop).catch(() => {});
  await compactors.stop(stop.aborted ? 0 : LAST_COMPACTION_MS);
}

/**
 * Waits until every block is cut and flushed, or the budget is over: counted from the last heal, and from the last cut. A little
 * longer than that, so that a budget is seen to be missed by more than the harness was late.
 */
async function drain(
  stage: Stage,
  writers: Writers,
  { untilCut, untilSwept }: LoadPace,
  disks: readonly WriterDisk[],
): Promise<void> {
  const { scenario, compression, clock, stop, doing } = stage;
  const { load, expect } = scenario;
  enter(stage, 'drain');
  const healed = clock.now();
  const budget = compression.duration(expect.recoveredWithin ?? expect.visibleWithin ?? USUAL_DRAIN_MS, 'drain');
  const wait = budget + Math.max(LEAST_OVERTIME_MS, budget * OVERTIME_SHARE);
  const blocks = load.writers * load.blocks;
  // A writer that has stopped taking data in is not waited for: twice the time of its load is enough for what is left.
  const loadOver = healed + load.blocks * (untilCut + untilSwept) * 2;
  const until = (told: Told) =>
    (told.cut < blocks ? Math.max(loadOver, told.lastCut) : Math.max(healed, told.lastCut)) + wait;
  await writers.until(
    (told) => {
      doing(`drain: ${told.flushed} of ${blocks} blocks flushed`);
      return told.done === load.writers;
    },
    until,
    stop,
  );
  // A writer that has forgotten what is in its WAL says that it is done. It has the same time for it as for all else.
  while (!stop.aborted && clock.now() < until(writers.told) && (await isLeftInWal(disks, writers))) {
    doing('drain: a WAL still has blocks that are not flushed');
    await clock.sleep(WAL_AGAIN_MS, stop).catch(() => {});
  }
}

async function isLeftInWal(disks: readonly WriterDisk[], writers: Writers): Promise<boolean> {
  try {
    for (const disk of disks) {
      if ((await readLocalWal(disk)).some(({ block, bytes }) => bytes > 0 && !writers.isSettled(block))) return true;
    }
    return false;
  } catch (error) {
    // Something was deleted while it was listed: it is to be looked at again.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
    throw error;
  }
}
