/**
 * The machine that the writers of one scenario run on: the processes that they run in now, and the disks that outlive them.
 *
 * After a kill and a restart a new process runs the same writers on the same folders. Who holds a `RunningWriter` of the machine does
 * not notice, but by what the writer tells: a process that was killed or stopped by a fault has not `ended`.
 */
import type { Clock } from '../clock.ts';
import type { Recorder, WriterProcessEvent } from '../history/events.ts';
import { allOrNone } from './all-or-none.ts';
import type { CrashLoopTimes } from './crash-loop.ts';
import type { WriterAssignment } from './protocol.ts';
import type { RunningWriter, Subject, SubjectPool } from './subject-pool.ts';
import type { DiskFault, DiskFaultEvidence, WriterMachine } from './writer-machine.ts';
import { type LostWithProcess, WritersProcess } from './writers-process.ts';

export interface MachineOptions {
  clock: Clock;
  record: Recorder;
  /** How many processes the writers are spread over, as evenly as can be, in their order. Absent: 1. */
  processes?: number;
  /** When a writer that S3 does not let start is started again. Compressed. */
  crashLoop: CrashLoopTimes;
}

const nothingDone: DiskFaultEvidence = { considered: 0, fired: 0, waitedMs: 0 };

export class SubjectMachine implements WriterMachine {
  /** In the order of the assignments. */
  readonly writers: readonly RunningWriter[];
  readonly processes: readonly (readonly string[])[];
  readonly #subjects: SubjectPool;
  /** As they were at first. */
  readonly #assignments: readonly WriterAssignment[];
  readonly #clock: Clock;
  readonly #record: Recorder;
  readonly #processes: readonly WritersProcess[];
  /** Each fault of the disks, and what it did in the processes that are gone. */
  readonly #diskFaults = new Map<string, { fault: DiskFault; before: DiskFaultEvidence }>();

  private constructor(
    subjects: SubjectPool,
    assignments: readonly WriterAssignment[],
    processes: readonly WritersProcess[],
    about: MachineOptions,
  ) {
    this.#subjects = subjects;
    this.#assignments = assignments;
    this.#clock = about.clock;
    this.#record = about.record;
    this.#processes = processes;
    this.processes = processes.map(({ names }) => names);
    this.writers = processes.flatMap(({ writers }) => writers);
  }

  /** Takes the processes, and starts the writers once all of them are ready: in the same moment. @throws Error when one cannot be had. */
  static async start(
    subjects: SubjectPool,
    assignments: readonly WriterAssignment[],
    about: MachineOptions,
  ): Promise<SubjectMachine> {
    const groups = spread(assignments, about.processes ?? 1);
    const taken = await takeAll(subjects, groups.length, assignments);
    const processes = groups.map((group, index) => new WritersProcess(taken[index] as Subject, group, about));
    return new SubjectMachine(subjects, assignments, processes, about);
  }

  /** Gives the processes back, or ends those in which a fault is still in force. The writers are stopped by then. */
  async release(): Promise<void> {
    await Promise.all(
      this.#processes.map(async (one) => {
        const subject = one.leave();
        if (!subject) return;
        if (one.paused !== undefined || this.#diskFaults.size > 0) await subject.end();
        else await this.#subjects.giveBack(subject);
      }),
    );
  }

  async addDiskFault(fault: DiskFault): Promise<void> {
    if (this.#diskFaults.has(fault.rule)) throw new Error(`writers: disk fault ${fault.rule} is in force already`);
    this.#diskFaults.set(fault.rule, { fault, before: nothingDone });
    const added: Subject[] = [];
    try {
      for (const subject of this.#running) {
        await subject.diskFault({ action: 'add', fault });
        added.push(subject);
      }
    } catch (error) {
      this.#diskFaults.delete(fault.rule);
      for (const subject of added) await subject.diskFault({ action: 'remove', rule: fault.rule });
      throw error;
    }
  }

  async diskFaultEvidence(rule: string): Promise<DiskFaultEvidence> {
    const { before } = this.#diskFault(rule);
    return this.#sumOf(before, 'evidence', rule);
  }

  async removeDiskFault(rule: string): Promise<DiskFaultEvidence> {
    const { before } = this.#diskFault(rule);
    const evidence = await this.#sumOf(before, 'remove', rule);
    this.#diskFaults.delete(rule);
    return evidence;
  }

  async pause(rule: string, processes?: readonly number[]): Promise<void> {
    const chosen = this.#able(rule, processes);
    for (const one of chosen) one.pause(rule);
    this.#tell('paused', rule, chosen);
  }

  async resume(rule: string, processes?: readonly number[]): Promise<void> {
    const paused = this.#chosen(processes).filter((one) => one.paused === rule && one.subject);
    if (paused.length === 0) throw new Error(`writers: their process was not paused by ${rule}`);
    // Before the signal: nothing that the writers do after it is of the time of the pause.
    this.#tell('resumed', rule, paused);
    for (const one of paused) one.resume();
  }

  async kill(rule: string, options: { unsyncedMs?: number; processes?: readonly number[] } = {}): Promise<void> {
    const chosen = this.#able(rule, options.processes);
    for (const one of chosen) await this.#keepEvidence(one.running(rule));
    this.#readyFor(chosen);
    const lost = (await Promise.all(chosen.map((one) => one.kill(rule, options.unsyncedMs)))).flat();
    const t = this.#clock.now();
    for (const { writer, liveTraces, power } of lost) {
      if (liveTraces > 0) {
        const reason = `they were in memory alone when ${rule} ended the process`;
        this.#record({ t, type: 'data.lost', what: 'live-traces', writer, bytes: liveTraces, reason });
      }
      for (const [block, { pages, bytes }] of power?.wal ?? []) {
        const reason = `${pages} ${pages === 1 ? 'page' : 'pages'} of its WAL went with the power`;
        this.#record({ t, type: 'data.lost', what: 'wal', writer, block, bytes, reason });
      }
    }
    this.#tell('killed', rule, chosen, foundIn(lost));
  }

  async stopGracefully(rule: string, patience: number, processes?: readonly number[]): Promise<void> {
    const chosen = this.#able(rule, processes);
    this.#readyFor(chosen);
    await Promise.all(chosen.map((one) => one.shutDown(rule, patience, (subject) => this.#keepEvidence(subject))));
    this.#tell('stopped', rule, chosen);
  }

  async restart(
    rule: string,
    { processes, patience = new AbortController().signal }: Parameters<WriterMachine['restart']>[1] = {},
  ): Promise<void> {
    const down = this.#chosen(processes).filter((one) => !one.subject && one.down);
    if (down.length === 0) throw new Error(`writers: cannot be started again for ${rule}: their process runs`);
    const taken = await takeAll(this.#subjects, down.length, this.#assignments);
    const t = this.#clock.now();
    const found: Record<string, number> = {};
    try {
      const all = await allOrNone(patience, (over) =>
        down.map(async (one, index) => {
          await this.#bringDiskFaults(taken[index] as Subject);
          return one.startAgain(taken[index] as Subject, over);
        }),
      );
      for (const [name, count] of all.flat().flatMap(Object.entries)) found[name] = (found[name] ?? 0) + count;
    } finally {
      this.#tell('restarted', rule, down, found, t);
    }
  }

  async inForce(): Promise<string[]> {
    const names = new Set(this.#diskFaults.keys());
    for (const one of this.#processes) {
      if (one.paused !== undefined) names.add(`writers paused by ${one.paused}`);
      // A paused process does not answer.
      else for (const rule of (await one.subject?.diskFault({ action: 'list' }))?.rules ?? []) names.add(rule);
      if (one.down) names.add(`writers ${one.down.how} by ${one.down.rule}`);
    }
    return [...names];
  }

  /** The processes of now. */
  get #running(): Subject[] {
    return this.#processes.flatMap(({ subject }) => subject ?? []);
  }

  /** @throws Error when there is no such process. */
  #chosen(numbers: readonly number[] | undefined): readonly WritersProcess[] {
    if (!numbers) return this.#processes;
    return numbers.map((number) => {
      const found = this.#processes[number];
      if (!found)
        throw new Error(`writers: there is no process ${number}: there are 0 to ${this.#processes.length - 1}`);
      return found;
    });
  }

  /** Those chosen, each of which runs. @throws Error when one does not: then nothing is done to any. */
  #able(rule: string, numbers: readonly number[] | undefined): readonly WritersProcess[] {
    const chosen = this.#chosen(numbers);
    for (const one of chosen) one.running(rule);
    return chosen;
  }

  /** What the faults of the disks did in a process that is about to end. */
  async #keepEvidence(subject: Subject): Promise<void> {
    for (const [name, entry] of this.#diskFaults) {
      const { evidence = nothingDone } = await subject.diskFault({ action: 'evidence', rule: name });
      entry.before = sum(entry.before, evidence);
    }
  }

  /** Has processes started that are there when these are to be started again: what a start takes is not the fault's. */
  #readyFor(ending: readonly WritersProcess[]): void {
    void this.#subjects.prestart(ending.length);
  }

  async #sumOf(before: DiskFaultEvidence, action: 'evidence' | 'remove', rule: string): Promise<DiskFaultEvidence> {
    const answers = await Promise.all(this.#running.map((subject) => subject.diskFault({ action, rule })));
    return answers.reduce((total, { evidence = nothingDone }) => sum(total, evidence), before);
  }

  /** Those in force now: one may be added or removed while they are brought. */
  async #bringDiskFaults(subject: Subject): Promise<void> {
    const brought = new Set<string>();
    for (;;) {
      const missing = [...this.#diskFaults.values()].find(({ fault }) => !brought.has(fault.rule));
      const gone = [...brought].find((rule) => !this.#diskFaults.has(rule));
      if (missing) {
        brought.add(missing.fault.rule);
        await subject.diskFault({ action: 'add', fault: missing.fault });
      } else if (gone !== undefined) {
        brought.delete(gone);
        await subject.diskFault({ action: 'remove', rule: gone });
      } else return;
    }
  }

  #diskFault(rule: string) {
    const entry = this.#diskFaults.get(rule);
    if (!entry) {
      const others = [...this.#diskFaults.keys()].join(', ') || 'none';
      throw new Error(`writers: no disk fault ${rule} is in force (in force: ${others})`);
    }
    return entry;
  }

  #tell(
    what: WriterProcessEvent['what'],
    rule: string,
    processes: readonly WritersProcess[],
    found?: Record<string, number>,
    t = this.#clock.now(),
  ): void {
    const writers = processes.flatMap(({ names }) => names);
    this.#record({ t, type: 'writer.process', what, writers, rule, ...(found && { found }) });
  }
}

/** As evenly as can be, and in order: of 30 in 4 groups 8, 8, 7 and 7. No group is empty. */
export function spread<Item>(items: readonly Item[], groups: number): Item[][] {
  const count = Math.max(1, Math.min(groups, items.length));
  const least = Math.floor(items.length / count);
  const larger = items.length % count;
  return Array.from({ length: count }, (_, group) => {
    const begin = group * least + Math.min(group, larger);
    return items.slice(begin, begin + least + (group < larger ? 1 : 0));
  });
}

/** Processes that have loaded what the writers run on. @throws Error when one cannot be had; the others are given back. */
async function takeAll(
  subjects: SubjectPool,
  count: number,
  assignments: readonly Pick<WriterAssignment, 'client'>[],
): Promise<Subject[]> {
  const clients = new Set(assignments.map(({ client }) => client));
  const takeOne = async () => {
    const subject = await subjects.take();
    for (const client of clients) await subject.load(client);
    return subject;
  };
  const all = await Promise.allSettled(Array.from({ length: count }, takeOne));
  const taken = all.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failure = all.find((one) => one.status === 'rejected');
  if (!failure) return taken;
  await Promise.all(taken.map((subject) => subjects.giveBack(subject)));
  throw failure.reason;
}

function foundIn(lost: readonly LostWithProcess[]): Record<string, number> {
  const liveTraceBytes = lost.reduce((sum, { liveTraces }) => sum + liveTraces, 0);
  const losses = lost.flatMap(({ power }) => power ?? []);
  if (losses.length === 0) return { liveTraceBytes };
  const total = { removed: 0, emptied: 0, bytes: 0, localBlocks: 0, walPages: 0, walBytes: 0, liveTraceBytes };
  for (const { removed, emptied, bytes, localBlocks, wal } of losses) {
    total.removed += removed;
    total.emptied += emptied;
    total.bytes += bytes;
    total.localBlocks += localBlocks;
    for (const one of wal.values()) {
      total.walPages += one.pages;
      total.walBytes += one.bytes;
    }
  }
  return total;
}

function sum(a: DiskFaultEvidence, b: DiskFaultEvidence): DiskFaultEvidence {
  return { considered: a.considered + b.considered, fired: a.fired + b.fired, waitedMs: a.waitedMs + b.waitedMs };
}
