/**
 * One scenario through one client, from lease to verdict:
 *
 * 1. Lease an isolated path, and start the writers in their processes, and the traffic beside them.
 * 2. Steady state: a block of each writer reaches S3 with no fault.
 * 3. Timeline: faults are injected, held, healed.
 *    From the steady state on compactors run too, if the scenario has some.
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
import { BackgroundLoad } from '../background/background-load.ts';
import { quickest, slowest } from '../checkers/path-healed.ts';
import type { Clock } from '../clock.ts';
import { type RunningCompactors, startCompactorProcess } from '../compactor/compactor-process.ts';
import { type Lease, type PathParts, takeLease } from '../environment/lease.ts';
import type { FaultDefinition } from '../faults/fault.ts';
import type { HistoryEvent, PhaseEvent, ProbeEvent, Recorder } from '../history/events.ts';
import { mergeParts } from '../history/merge.ts';
import { HistoryPart } from '../history/part.ts';
import type { ClientName } from '../object-store/clients.ts';
import { readBucket } from '../object-store/direct-reader.ts';
import { usesPathStyle } from '../object-store/path-style.ts';
import { watchLateness } from '../process/lateness.ts';
import { Random } from '../random.ts';
import type { WriterAssignment } from '../subject/protocol.ts';
import { SubjectMachine } from '../subject/subject-machine.ts';
import type { SubjectPool } from '../subject/subject-pool.ts';
import { ingestLimits } from '../tempo/budget.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { Compression } from './compression.ts';
import { type Load, othersBeside, processCount, writerNames } from './load.ts';
import { type LoadPace, loadPace } from './load-pace.ts';
import { readLocalDisk } from './local-read.ts';
import { needsOf } from './needs.ts';
import { probe } from './probe.ts';
import type { Scenario } from './scenario.ts';
import { runTimeline } from './timeline.ts';
import { tool } from './tool.ts';
import { Writers } from './writers.ts';

/** Tempo's name for the only tenant of a deployment without multi-tenancy. */
const TENANT = 'single-tenant';
/** How long the first block may take beyond its cut and its random wait: in the config's time, and as it passes at least. */
const STEADY_STATE_PATIENCE_MS = 2 * 60_000;
const LEAST_PATIENCE_MS = 20_000;
/** How much longer than the budget the drain lasts: at least so many milliseconds as they pass, else this share of it. */
const LEAST_OVERTIME_MS = 1500;
const OVERTIME_SHARE = 0.1;
/** The drain of a scenario that states no budget, in the config's time. */
const USUAL_DRAIN_MS = 10 * 60_000;
/** The patience with a compaction under way when all else is over, as it passes. */
const LAST_COMPACTION_MS = 10_000;
/** The end of a process is noticed within milliseconds of the first request that it refuses, on a busy machine too. */
const NOTICE_MS = 1000;

export interface ScenarioRun {
  scenario: Scenario;
  client: ClientName;
  /** Uncompressed, with the scenario's own `set` and the run's. */
  settings: TempoSettings;
  /** Unique in the run, and fit for a bucket and a DNS label: `slowdown-burst-minio`. */
  leaseName: string;
  /** The scenario's folder in the results. It is made. */
  folder: string;
  /** A folder for the writers' local disks. It is made; who called removes it. */
  disks: string;
  clock: Clock;
  /** Told what it is doing, in a few words. */
  doing(what: string): void;
  /** Ends it early (Ctrl-C): it takes down what it put up, and rejects with the signal's reason. */
  signal: AbortSignal;
  sabotage?: Sabotage;
}

/** For the tests of the tester only: what is done behind the harness's back. */
export interface Sabotage {
  /** Where the writers send their requests instead. */
  endpoint?(lease: Lease): { host: string; port: number };
  beforeFinalRead?(lease: Lease): Promise<void>;
  /** What is injected in place of each fault. */
  fault?(definition: FaultDefinition): Pick<FaultDefinition, 'inject'>;
}

/** Gives the whole history; `judge` makes a verdict of it. */
export async function runScenario(parts: PathParts, subjects: SubjectPool, run: ScenarioRun): Promise<HistoryEvent[]> {
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
    format: 1,
    tool,
    name: scenario.name,
    client: run.client,
    seed: scenario.seed,
    environment: parts.environment.name,
    scenario,
    compression: scenario.compression,
    settings,
  });
  const broken = (where: string, message: string) => record({ t: clock.now(), type: 'harness.error', where, message });
  const stopLateness = watchLateness('harness', clock, record);

  // What ends the scenario early: the run's own signal, or a part of the path that died.
  const stop = new AbortController();
  // Each entry of a timeline listens, and there may be any number of them.
  setMaxListeners(0, stop.signal);
  const onAbort = () => stop.abort(run.signal.reason);
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
  return s3.region || 'us-east-1';
}

interface Stage extends ScenarioRun {
  compression: Compression;
  /** The settings, compressed. */
  compressed: TempoSettings;
  partsFolder: string;
  record: Recorder;
  stop: AbortSignal;
  watch(where: string, died: Promise<string>): unknown;
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
  try {
    const writers = new Writers(machine.writers, clock);
    stage.watch('subject', writers.died);
    try {
      enter(stage, 'steady-state');
      background = await startBackground(stage, lease);
      if (background) stage.watch('background', background.died);
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
          drain(stage, writers, load.pace),
          probePath(stage, lease, 'after', machine),
        ]);
        await background?.stop();
        if (compactors) await lastCompactions(stage, compactors);
        // Slower than before, perhaps by the writers' backlog alone: that is gone by now.
        if (before && healed && quickest(healed.samples) > slowest(before.samples))
          await probePath(stage, lease, 'after', machine);
      }
    } finally {
      doing('stopping the writers');
      await Promise.all([background?.stop(), compactors?.stop(), writers.stop()]);
      blocks.push(...writers.blocks);
    }
  } finally {
    await machine.release();
  }
  enter(stage, 'final-read');
  if (stop.aborted) return;
  await stage.sabotage?.beforeFinalRead?.(lease);
  for (const disk of disks) await readLocalDisk(disk, clock, record);
  const prefix = keyPrefix(compressed);
  // One that a fault left paused or ended would be waited for without end: that it was is told by the probe.
  await lease.server?.revive();
  await readBucket(
    { ...lease.direct, credentials: lease.credentials, bucket: lease.bucket, prefix: '', region: regionOf(compressed) },
    record,
    clock,
    // Only a data.parquet is ever large enough for parts. A MinIO that was restarted lists uploads by their exact key alone.
    [...blocks.map((block) => `${prefix}${TENANT}/${block}/data.parquet`), ...(compactors?.dataKeys ?? [])],
  );
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

/** What is sent to each writer, as it passes. */
interface CompressedLoad extends Pick<Load, 'rate' | 'traceLength' | 'startOver'> {
  limits?: NonNullable<WriterAssignment['load']['limits']>;
  pace: LoadPace;
}

function compressedLoad({ scenario: { load }, compression, compressed }: Stage): CompressedLoad {
  const rate = compression.rate(load.rate);
  const traceLength = compression.duration(load.traceLength, 'traceLength');
  const startOver = compression.duration(load.startOver, 'startOver');
  const limits = load.limits ? ingestLimits(compressed) : undefined;
  const pace = loadPace({ rate, traceLength }, compressed, limits?.bytesPerSecond);
  return { rate, traceLength, startOver, pace, ...(limits && { limits }) };
}

/** Where a client of this scenario sends its requests, and how. */
function connection(
  { compression, compressed, sabotage }: Stage,
  lease: Lease,
): Pick<WriterAssignment, 'settings' | 's3'> {
  const { host, port } = sabotage?.endpoint?.(lease) ?? lease.endpoint;
  return {
    settings: { ...compressed, s3: { ...compressed.s3, bucket: lease.bucket } },
    s3: {
      host,
      port,
      credentials: lease.credentials,
      dns: { ...lease.dnsServer, ttlSecond: 1000 / compression.time },
      ...(lease.authority && { ca: lease.authority.certificate }),
    },
  };
}

/** The compactors that are subjects; `undefined` when the scenario has none. */
async function startCompactors(stage: Stage, lease: Lease): Promise<RunningCompactors | undefined> {
  const { scenario, client, clock, partsFolder } = stage;
  const of = scenario.load.compactors;
  if (of === 0) return undefined;
  const random = new Random(scenario.seed);
  const assignments = Array.from({ length: of }, (_, index) => {
    const compactor = `compactor-${index}`;
    return {
      ...connection(stage, lease),
      compactor,
      share: { index, of },
      client,
      seed: Math.floor(random.uniform('compactor', compactor) * Number.MAX_SAFE_INTEGER),
      tenants: [TENANT],
      historyFile: join(partsFolder, `${compactor}.ndjson`),
    };
  });
  return startCompactorProcess(assignments, clock);
}

/** Lets the compactors find the last blocks, and take their turn at them: what they do after the faults is to be judged too. */
async function lastCompactions(stage: Stage, compactors: RunningCompactors): Promise<void> {
  const { compressed, clock, stop, doing } = stage;
  doing('drain: the last blocks are compacted');
  const { other, compaction } = compressed;
  await clock.sleep(other.blocklistPoll + 2 * compaction.cycle, stop).catch(() => {});
  await compactors.stop(stop.aborted ? 0 : LAST_COMPACTION_MS);
}

/** The traffic of queriers and compactors; `undefined` when the scenario has none. */
async function startBackground(stage: Stage, lease: Lease): Promise<BackgroundLoad | undefined> {
  const { scenario, client, compression, compressed, clock, partsFolder } = stage;
  const { background } = scenario.load;
  if (!background) return undefined;
  const prefix = keyPrefix(compressed);
  // Ranges keep their size: see background/rates.ts.
  const fewer = compression.time / compression.bytes;
  return BackgroundLoad.start(
    {
      ...connection(stage, lease),
      client,
      seed: scenario.seed,
      plan: {
        ...othersBeside(scenario.load, compressed.deployment),
        poll: compressed.other.blocklistPoll,
        reads: background.reads * fewer,
        deletes: background.deletes * fewer,
        blocks: `${prefix}${TENANT}/`,
        own: `${prefix}chaos-background/`,
        patience: compressed.policy.responseHeaderTimeout,
      },
      historyFile: join(partsFolder, 'background.ndjson'),
    },
    clock,
  );
}

function keyPrefix({ s3 }: TempoSettings): string {
  return s3.prefix ? `${s3.prefix}/` : '';
}

async function startWriters(
  stage: Stage,
  { rate, traceLength, startOver, limits }: CompressedLoad,
  lease: Lease,
  subjects: SubjectPool,
  disks: { writer: string; folder: string; tenant: string }[],
): Promise<SubjectMachine> {
  const { scenario, client, clock, record, partsFolder } = stage;
  const random = new Random(scenario.seed);
  for (const { folder } of disks) await mkdir(folder, { recursive: true });
  const assignments = disks.map(
    ({ writer, folder, tenant }, index): WriterAssignment => ({
      ...connection(stage, lease),
      writer,
      client,
      seed: Math.floor(random.uniform('writer', writer) * Number.MAX_SAFE_INTEGER),
      tenant,
      load: {
        bytesPerSecond: rate,
        traceLength,
        blocks: scenario.load.blocks,
        startAfter: (startOver * index) / disks.length,
        ...(limits && { limits }),
      },
      disk: folder,
      historyFile: join(partsFolder, `${writer}.ndjson`),
    }),
  );
  return SubjectMachine.start(subjects, assignments, { clock, record, processes: processCount(scenario.load) });
}

/**
 * Waits until every block is cut and flushed, or the budget is over: counted from the last heal, and from the last cut. A little
 * longer than that, so that a budget is seen to be missed by more than the harness was late.
 */
async function drain(stage: Stage, writers: Writers, { untilCut, untilSwept }: LoadPace): Promise<void> {
  const { scenario, compression, clock, stop, doing } = stage;
  const { load, expect } = scenario;
  enter(stage, 'drain');
  const healed = clock.now();
  const budget = compression.duration(expect.recoveredWithin ?? expect.visibleWithin ?? USUAL_DRAIN_MS, 'drain');
  const wait = budget + Math.max(LEAST_OVERTIME_MS, budget * OVERTIME_SHARE);
  const blocks = load.writers * load.blocks;
  // A writer that has stopped taking data in is not waited for: twice the time of its load is enough for what is left.
  const loadOver = healed + load.blocks * (untilCut + untilSwept) * 2;
  await writers.until(
    (told) => {
      doing(`drain: ${told.flushed} of ${blocks} blocks flushed`);
      return told.done === load.writers;
    },
    (told) => (told.cut < blocks ? Math.max(loadOver, told.lastCut) : Math.max(healed, told.lastCut)) + wait,
    stop,
  );
}
