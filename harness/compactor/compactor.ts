/**
 * A compactor, as Tempo 2.9's is one: it makes few large blocks of the many small ones that ingesters write to S3.
 *
 * 1. Ask S3 once whether the bucket is there. A compactor that cannot start does not run.
 * 2. Poll the blocks of all tenants, and again each `blocklistPoll`.
 * 3. Beside that, cycle: take the next tenant that has blocks, choose jobs from what is known of them then (block-selector.ts), and do one
 *    after another (compact-blocks.ts), until there is none left or `maxTimePerTenant` is over: that is looked at after each job. A
 *    cycle begins `cycle` after the one before began, at once if that took longer.
 * 4. A job that fails is told of, and its inputs are chosen again in a later cycle.
 *
 * Not modelled: retention (Tempo deletes what was compacted an hour later), the tenant index that a poll writes, and several
 * compactors' way of finding each other.
 */
import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Clock } from '../clock.ts';
import type { CompactionEvent, Recorder } from '../history/events.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import type { Random } from '../random.ts';
import { keyFolder } from '../tempo/key-folder.ts';
import type { CompactionSettings, OtherSettings } from '../tempo/settings.ts';
import { type CompactionJob, selectJobs } from './block-selector.ts';
import { Blocklist } from './blocklist.ts';
import { markCompacted, type Progress, writeCompactedBlock } from './compact-blocks.ts';

export interface CompactorPlan {
  /** Unique in the run. */
  compactor: string;
  tenants: readonly string[];
  /** Of all keys: `storage.trace.s3.prefix`. May be empty. */
  prefix: string;
  compaction: CompactionSettings & Pick<OtherSettings, 'maxTimePerTenant' | 'blocklistPoll'>;
  /** It is the `index`th (from 0 on) of so many compactors, which share the jobs. */
  share: { index: number; of: number };
}

export interface CompactorPorts {
  store: ObjectStore;
  clock: Clock;
  random: Random;
  record: Recorder;
}

export interface StartedCompactor {
  /** Resolves when the first poll is over, well or not. Rejects when S3 was not reached at the start. */
  readonly started: Promise<void>;
  /** Rejects as `started` does, and with whatever else it cannot go on for; otherwise resolves when it was stopped. */
  readonly done: Promise<void>;
  /**
   * Begins no further job, and aborts the one under way when `patience` milliseconds are over. Leaves what is in the bucket. Resolves once
   * nothing is under way.
   */
  stop(patience?: number): Promise<void>;
}

/** @throws Error when the plan cannot be carried out. */
export function startCompactor(plan: CompactorPlan, ports: CompactorPorts): StartedCompactor {
  return new Compactor(plan, ports);
}

class Compactor implements StartedCompactor {
  readonly started: Promise<void>;
  readonly done: Promise<void>;
  readonly #plan: CompactorPlan;
  readonly #ports: CompactorPorts;
  readonly #stop = new AbortController();
  readonly #tenants: { tenant: string; list: Blocklist }[];
  #turn = 0;
  #jobs = 0;
  /** The job under way, if there is one. It never rejects. */
  #job: Promise<void> = Promise.resolve();
  #ending = false;

  constructor(plan: CompactorPlan, ports: CompactorPorts) {
    const { compaction, prefix } = plan;
    requirePositive('compaction_window', compaction.window);
    requirePositive('compaction_cycle', compaction.cycle);
    requirePositive('blocklist_poll', compaction.blocklistPoll);
    requirePositive('parquet_row_group_size_bytes', compaction.rowGroupBytes);
    this.#plan = plan;
    this.#ports = ports;
    // Every request under way listens, and a poll has 50 of them.
    setMaxListeners(0, this.#stop.signal);
    this.#tenants = [...plan.tenants]
      .sort()
      .map((tenant) => ({ tenant, list: new Blocklist(keyFolder(prefix, tenant)) }));
    this.started = this.#begin();
    this.done = this.started.then(() => this.#work()).catch((error) => this.#ended(error));
    // Who does not ask how it ended must not be struck by it.
    this.started.catch(() => {});
    this.done.catch(() => {});
  }

  async stop(patience = 0): Promise<void> {
    this.#ending = true;
    const over = new AbortController();
    const waited = this.#ports.clock.sleep(patience, over.signal).catch(() => {});
    await Promise.race([this.#job, waited]);
    over.abort();
    this.#stop.abort(new Error('the compactor was stopped'));
    await Promise.allSettled([this.done]);
  }

  async #begin(): Promise<void> {
    try {
      await this.#ports.store.checkAccess(this.#stop.signal);
    } catch (error) {
      // Tempo asks once, and ends when the answer is not good.
      throw new Error(`compactor: cannot start: ${(error as Error).message}`, { cause: error });
    }
    await this.#poll();
  }

  async #work(): Promise<void> {
    const { compaction } = this.#plan;
    const polling = this.#each(compaction.blocklistPoll, compaction.blocklistPoll, () => this.#poll());
    const cycling = this.#each(0, compaction.cycle, () => this.#cycle());
    await Promise.all([polling, cycling]);
  }

  #ended(error: unknown): void {
    if (this.#stop.signal.aborted) return;
    const { clock, record } = this.#ports;
    record({ t: clock.now(), type: 'writer.error', writer: this.#plan.compactor, message: (error as Error).message });
    throw error;
  }

  /** Acts again and again until it is stopped, each `period` from one begin to the next. */
  async #each(first: number, period: number, act: () => Promise<void>): Promise<void> {
    const { clock } = this.#ports;
    const { signal } = this.#stop;
    let next = clock.now() + first;
    while (!signal.aborted) {
      await clock.sleep(Math.max(0, next - clock.now()), signal).catch(() => {});
      if (signal.aborted) return;
      next = clock.now() + period;
      await act();
    }
  }

  /** One tenant that cannot be polled does not keep the others from it. What went wrong is told by the requests. */
  async #poll(): Promise<void> {
    for (const { list } of this.#tenants) await list.poll(this.#ports.store, this.#stop.signal).catch(() => {});
  }

  async #cycle(): Promise<void> {
    const { clock } = this.#ports;
    const { compaction } = this.#plan;
    const tenants = this.#tenants.filter(({ list }) => list.blocks.length > 0);
    const next = tenants[this.#turn++ % Math.max(1, tenants.length)];
    if (!next) return;
    const { tenant, list } = next;
    if (this.#ending) return;
    const begun = clock.now();
    for (const job of selectJobs(tenant, list.blocks, compaction, clock.date())) {
      if (!this.#owns(job)) continue;
      this.#job = this.#do(job, tenant, list);
      await this.#job;
      if (this.#ending || clock.now() - begun > compaction.maxTimePerTenant) return;
    }
  }

  #owns({ ownerKey }: CompactionJob): boolean {
    const { index, of } = this.#plan.share;
    return createHash('sha256').update(ownerKey).digest().readUInt32BE() % of === index;
  }

  async #do({ inputs }: CompactionJob, tenant: string, list: Blocklist): Promise<void> {
    const { store, clock, random, record } = this.#ports;
    const { compactor, compaction } = this.#plan;
    const { folder } = list;
    const output = random.uuid('compacted', compactor, ++this.#jobs);
    const start = clock.now();
    const progress: Progress = { read: [], objects: [], marked: [], orphanedParts: 0 };
    const { signal } = this.#stop;
    let failure: Error | undefined;
    try {
      const task = { inputs, output, tenant, folder, rowGroupBytes: compaction.rowGroupBytes };
      const block = await writeCompactedBlock(task, { store, random }, progress, signal);
      failure = await markCompacted(inputs, folder, store, progress, signal);
      list.compacted(inputs, block);
    } catch (error) {
      failure = error as Error;
    }
    const event: CompactionEvent = {
      t: clock.now(),
      type: 'compaction',
      compactor,
      start,
      inputs: inputs.map(({ id }) => id),
      output,
      keyPrefix: `${folder}${output}/`,
      ...progress,
      outcome: failure ? 'fail' : 'ok',
      ...(failure && { error: failure.message }),
    };
    record(event);
  }
}

function requirePositive(key: string, value: number): void {
  if (value > 0) return;
  throw new Error(`compactor: ${key} is ${value}: it must be more than 0`);
}
