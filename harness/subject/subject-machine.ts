/**
 * The machine that the writers of one scenario run on: the process that they run in now, and the disks that outlive it.
 *
 * After a kill and a restart a new process runs the same writers on the same folders. Who holds a `RunningWriter` of the machine does
 * not notice, but by what the writer tells: a process that was killed by a fault has not `ended`.
 */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { Random } from '../random.ts';
import { blockId } from '../writer/block-writer.ts';
import { blockOf, blocksFolder } from '../writer/local-block.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { readWal } from '../writer/wal.ts';
import { losePower, type PowerLoss } from './power-loss.ts';
import type { FromSubject, WriterAssignment } from './protocol.ts';
import type { RunningWriter, Subject, SubjectPool } from './subject-pool.ts';
import type { DiskFault, DiskFaultEvidence, WriterMachine } from './writer-machine.ts';

/** One writer, through all processes that it runs in. */
interface HostedWriter {
  assignment: WriterAssignment;
  readonly listeners: Set<(message: FromSubject) => void>;
  /** Blocks that the writer told of, cut or dropped. */
  readonly told: Set<string>;
  /** In the process of now, or the last one. */
  running: RunningWriter;
}

const nothingDone: DiskFaultEvidence = { considered: 0, fired: 0, waitedMs: 0 };

export class SubjectMachine implements WriterMachine {
  /** In the order of the assignments. */
  readonly writers: readonly RunningWriter[];
  readonly #subjects: SubjectPool;
  readonly #clock: Clock;
  readonly #record: Recorder;
  readonly #hosted: HostedWriter[];
  /** Each fault of the disks, and what it did in the processes that are gone. */
  readonly #diskFaults = new Map<string, { fault: DiskFault; before: DiskFaultEvidence }>();
  /** Absent: it was killed. */
  #subject: Subject | undefined;
  #incarnation = 1;
  #paused: string | undefined;
  #killed: string | undefined;
  #ended: (how: string) => void = () => {};

  private constructor(
    subjects: SubjectPool,
    subject: Subject,
    assignments: readonly WriterAssignment[],
    about: { clock: Clock; record: Recorder },
  ) {
    this.#subjects = subjects;
    this.#clock = about.clock;
    this.#record = about.record;
    const ended = new Promise<string>((resolve) => {
      this.#ended = resolve;
    });
    this.#hosted = assignments.map((assignment) => {
      const [listeners, told] = [new Set<(message: FromSubject) => void>(), new Set<string>()];
      return { assignment, listeners, told, running: runIn(subject, assignment, listeners, told) };
    });
    this.#runsIn(subject);
    this.writers = this.#hosted.map((hosted) => ({
      name: hosted.assignment.writer,
      on: (listener) => {
        hosted.listeners.add(listener);
        return () => void hosted.listeners.delete(listener);
      },
      stop: () => this.#stop(hosted),
      ended,
    }));
  }

  /** Takes a process and starts the writers in it. @throws Error when no process can be had. */
  static async start(
    subjects: SubjectPool,
    assignments: readonly WriterAssignment[],
    about: { clock: Clock; record: Recorder },
  ): Promise<SubjectMachine> {
    return new SubjectMachine(subjects, await subjects.take(), assignments, about);
  }

  /** Gives the process back, or ends it when a fault is still in force in it. The writers are stopped by then. */
  async release(): Promise<void> {
    const subject = this.#subject;
    this.#subject = undefined;
    if (!subject) return;
    if (this.#paused !== undefined || this.#diskFaults.size > 0) await subject.end();
    else await this.#subjects.giveBack(subject);
  }

  async addDiskFault(fault: DiskFault): Promise<void> {
    if (this.#diskFaults.has(fault.rule)) throw new Error(`writers: disk fault ${fault.rule} is in force already`);
    this.#diskFaults.set(fault.rule, { fault, before: nothingDone });
    try {
      await this.#subject?.diskFault({ action: 'add', fault });
    } catch (error) {
      this.#diskFaults.delete(fault.rule);
      throw error;
    }
  }

  async diskFaultEvidence(rule: string): Promise<DiskFaultEvidence> {
    const { before } = this.#diskFault(rule);
    const answer = await this.#subject?.diskFault({ action: 'evidence', rule });
    return sum(before, answer?.evidence ?? nothingDone);
  }

  async removeDiskFault(rule: string): Promise<DiskFaultEvidence> {
    const { before } = this.#diskFault(rule);
    const answer = await this.#subject?.diskFault({ action: 'remove', rule });
    this.#diskFaults.delete(rule);
    return sum(before, answer?.evidence ?? nothingDone);
  }

  async pause(rule: string): Promise<void> {
    this.#running(rule).kill('SIGSTOP');
    this.#paused = rule;
    this.#tell('paused', rule);
  }

  async resume(rule: string): Promise<void> {
    if (!this.#subject || this.#paused !== rule) throw new Error(`writers: their process was not paused by ${rule}`);
    // Before the signal: nothing that the writers do after it is of the time of the pause.
    this.#tell('resumed', rule);
    this.#subject.kill('SIGCONT');
    this.#paused = undefined;
  }

  async kill(rule: string, options?: { unsyncedMs: number }): Promise<void> {
    const subject = this.#running(rule);
    for (const [name, entry] of this.#diskFaults) {
      const { evidence = nothingDone } = await subject.diskFault({ action: 'evidence', rule: name });
      entry.before = sum(entry.before, evidence);
    }
    this.#subject = undefined;
    this.#killed = rule;
    await subject.crash();
    const at = this.#clock.date();
    for (const hosted of this.#hosted) {
      hosted.assignment = { ...hosted.assignment, load: { ...hosted.assignment.load, begun: await begun(hosted) } };
    }
    if (!options) return this.#tell('killed', rule);
    const losses: PowerLoss[] = [];
    for (const { assignment } of this.#hosted) {
      const { writer, disk, tenant } = assignment;
      const loss = await losePower({ folder: disk, tenant }, at, options.unsyncedMs);
      losses.push(loss);
      for (const [block, { pages, bytes }] of loss.wal) {
        const reason = `${pages} ${pages === 1 ? 'page' : 'pages'} of its WAL went with the power`;
        this.#record({ t: this.#clock.now(), type: 'data.lost', writer, block, bytes, reason });
      }
    }
    this.#tell('killed', rule, foundIn(losses));
  }

  async restart(rule: string): Promise<void> {
    if (this.#subject) throw new Error(`writers: cannot be started again for ${rule}: their process runs`);
    const subject = await this.#subjects.take();
    await this.#bringDiskFaults(subject);
    this.#runsIn(subject);
    this.#incarnation++;
    const t = this.#clock.now();
    const found: Record<string, number> = {};
    try {
      const started = this.#hosted.map((hosted) => {
        const assignment = { ...hosted.assignment, incarnation: this.#incarnation };
        hosted.running = runIn(subject, assignment, hosted.listeners, hosted.told);
        return startOf(hosted.running);
      });
      for (const one of await Promise.all(started)) {
        for (const [name, count] of Object.entries(one)) found[name] = (found[name] ?? 0) + count;
      }
      this.#killed = undefined;
    } finally {
      this.#record({ t, type: 'writer.process', what: 'restarted', writers: this.#names, rule, found });
    }
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

  async inForce(): Promise<string[]> {
    const names = new Set(this.#diskFaults.keys());
    if (this.#paused !== undefined) names.add(`writers paused by ${this.#paused}`);
    // A paused process does not answer.
    else for (const rule of (await this.#subject?.diskFault({ action: 'list' }))?.rules ?? []) names.add(rule);
    if (this.#killed !== undefined) names.add(`writers killed by ${this.#killed}`);
    return [...names];
  }

  get #names(): string[] {
    return this.#hosted.map(({ assignment }) => assignment.writer);
  }

  #runsIn(subject: Subject): void {
    this.#subject = subject;
    subject.ended.then((how) => this.#ended(how));
  }

  async #stop(hosted: HostedWriter): Promise<void> {
    if (!this.#subject) return;
    // A pause that was not healed is in force: the run tells so. It does not keep the writer from being stopped.
    if (this.#paused !== undefined) this.#subject.kill('SIGCONT');
    await hosted.running.stop();
  }

  #running(rule: string): Subject {
    if (!this.#subject) throw new Error(`writers: ${rule} cannot act: their process was killed by ${this.#killed}`);
    if (this.#paused !== undefined) throw new Error(`writers: ${rule} cannot act: they are paused by ${this.#paused}`);
    return this.#subject;
  }

  #diskFault(rule: string) {
    const entry = this.#diskFaults.get(rule);
    if (!entry) {
      const others = [...this.#diskFaults.keys()].join(', ') || 'none';
      throw new Error(`writers: no disk fault ${rule} is in force (in force: ${others})`);
    }
    return entry;
  }

  #tell(what: 'paused' | 'resumed' | 'killed', rule: string, found?: Record<string, number>): void {
    const t = this.#clock.now();
    this.#record({ t, type: 'writer.process', what, writers: this.#names, rule, ...(found && { found }) });
  }
}

function runIn(
  subject: Subject,
  assignment: WriterAssignment,
  listeners: HostedWriter['listeners'],
  told: Set<string>,
): RunningWriter {
  const { incarnation = 1, historyFile } = assignment;
  // Each process has a part of the history of its own: the one before may end in the middle of a line.
  const own = incarnation === 1 ? historyFile : historyFile.replace(/\.ndjson$/, `.${incarnation}.ndjson`);
  const running = subject.write({ ...assignment, historyFile: own });
  running.on((message) => {
    if (message.type === 'cut' || message.type === 'dropped') told.add(message.block);
    for (const listener of listeners) listener(message);
  });
  return running;
}

/** How many blocks of its load a writer had begun: the last one that it told of, or that its disk knows. */
async function begun({ assignment, told }: HostedWriter): Promise<number> {
  const { disk, tenant, seed, writer, load } = assignment;
  const real = new RealDisk(disk);
  const known = new Set(told);
  for (const { id, closed } of await readWal(real, tenant)) if (closed.length > 0) known.add(id);
  for (const { path } of await real.list(blocksFolder(tenant))) known.add(blockOf(path));
  const random = new Random(seed);
  for (let number = load.blocks; number > (load.begun ?? 0); number--) {
    if (known.has(blockId(random, writer, number))) return number;
  }
  return load.begun ?? 0;
}

/** What the writer found on its disk. @throws Error when it does not start. */
function startOf(writer: RunningWriter): Promise<Record<string, number>> {
  return new Promise((resolve, reject) => {
    const off = writer.on((message) => {
      if (message.type === 'started') resolve(message.found);
      else if (message.type === 'failed') reject(new Error(`${writer.name} did not start again: ${message.message}`));
      else return;
      off();
    });
    writer.ended.then((how) => reject(new Error(`${writer.name} did not start again: ${how}`)));
  });
}

function foundIn(losses: readonly PowerLoss[]): Record<string, number> {
  const total = { removed: 0, emptied: 0, bytes: 0, localBlocks: 0, walPages: 0, walBytes: 0 };
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
