/**
 * One of the processes that the writers of a scenario run in, through all its ends and starts: the process of now, if there is one, and the
 * writers on their disks, which outlive it.
 */
import { counted } from '../checkers/counted.ts';
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { Random } from '../random.ts';
import { blockId } from '../writer/block-writer.ts';
import { blockOf, blocksFolder } from '../writer/local-block.ts';
import { RealDisk } from '../writer/real-disk.ts';
import { readWal } from '../writer/wal.ts';
import { allOrNone } from './all-or-none.ts';
import { CrashLoop, type CrashLoopTimes } from './crash-loop.ts';
import { liveTracesLost } from './live-traces.ts';
import { losePower, type PowerLoss } from './power-loss.ts';
import type { FromSubject, WriterAssignment } from './protocol.ts';
import type { RunningWriter, Subject } from './subject-pool.ts';

/** One writer, through all processes that it runs in. */
interface HostedWriter {
  assignment: WriterAssignment;
  readonly listeners: Set<(message: FromSubject) => void>;
  /** Blocks that the writer told of, cut or dropped. */
  readonly told: Set<string>;
  /** In the process of now, or the last one. */
  running: RunningWriter;
  /** How many times it was started, or ended before it was: each start has a part of the history of its own. */
  incarnation: number;
  /** It takes data in since then. Absent: it does not. */
  upSince: number | undefined;
  readonly crashLoop: CrashLoop;
}

/** What one writer lost with its process. */
export interface LostWithProcess {
  writer: string;
  /** Bytes that were acknowledged, and in memory alone. */
  liveTraces: number;
  /** Of a power cut. */
  power?: PowerLoss;
}

/** A start that S3 did not let happen. */
interface Refused {
  refused: string;
}

/** Why the process does not run: asked for by a fault. */
export interface Down {
  rule: string;
  how: 'killed' | 'stopped';
}

export class WritersProcess {
  /** In the order of their assignments. */
  readonly writers: readonly RunningWriter[];
  readonly #hosted: HostedWriter[];
  readonly #clock: Clock;
  readonly #record: Recorder;
  readonly #startedAt: number;
  #subject: Subject | undefined;
  #paused: string | undefined;
  #down: Down | undefined;
  #ended: (how: string) => void = () => {};

  /** Starts the writers in it. */
  constructor(
    subject: Subject,
    assignments: readonly WriterAssignment[],
    { clock, record, crashLoop }: { clock: Clock; record: Recorder; crashLoop: CrashLoopTimes },
  ) {
    this.#clock = clock;
    this.#record = record;
    this.#startedAt = clock.now();
    const ended = new Promise<string>((resolve) => {
      this.#ended = resolve;
    });
    this.#hosted = assignments.map((assignment) => {
      const [listeners, told] = [new Set<(message: FromSubject) => void>(), new Set<string>()];
      const running = runIn(subject, assignment, listeners, told);
      const upSince = this.#startedAt;
      return { assignment, listeners, told, running, incarnation: 1, upSince, crashLoop: new CrashLoop(crashLoop) };
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

  get names(): string[] {
    return this.#hosted.map(({ assignment }) => assignment.writer);
  }

  /** The fault that has stopped it (SIGSTOP) now. */
  get paused(): string | undefined {
    return this.#paused;
  }

  /** Absent: it runs, or ended unasked. */
  get down(): Down | undefined {
    return this.#down;
  }

  /** Absent: it is down. */
  get subject(): Subject | undefined {
    return this.#subject;
  }

  /** @throws Error when the process is gone or paused: `rule` cannot act on it. */
  running(rule: string): Subject {
    const { rule: by, how } = this.#down ?? {};
    if (!this.#subject) throw new Error(`writers: ${rule} cannot act: their process was ${how ?? 'ended'} by ${by}`);
    if (this.#paused !== undefined) throw new Error(`writers: ${rule} cannot act: they are paused by ${this.#paused}`);
    return this.#subject;
  }

  pause(rule: string): void {
    this.running(rule).kill('SIGSTOP');
    this.#paused = rule;
  }

  resume(): void {
    this.#subject?.kill('SIGCONT');
    this.#paused = undefined;
  }

  /** Kills it. `unsyncedMs`: what a power cut takes is taken from the disks. Gives what is lost, writer by writer. */
  async kill(rule: string, unsyncedMs: number | undefined): Promise<LostWithProcess[]> {
    const subject = this.running(rule);
    this.#subject = undefined;
    this.#down = { rule, how: 'killed' };
    await subject.crash();
    const at = this.#clock.date();
    await this.#countBegun();
    const lost: LostWithProcess[] = [];
    for (const hosted of this.#hosted) {
      const { assignment, incarnation } = hosted;
      const { writer, disk, tenant } = assignment;
      const liveTraces = await liveTracesLost(partOf(assignment, incarnation));
      this.#hasEnded(hosted);
      const power = unsyncedMs === undefined ? undefined : await losePower({ folder: disk, tenant }, at, unsyncedMs);
      lost.push({ writer, liveTraces, ...(power && { power }) });
    }
    return lost;
  }

  /**
   * Shuts all writers down, side by side, and ends the process. `last`: done when they have stopped, before that.
   * @throws Error when one does not stop; the process is ended all the same.
   */
  async shutDown(rule: string, patience: number, last: (subject: Subject) => Promise<void>): Promise<void> {
    const subject = this.running(rule);
    this.#down = { rule, how: 'stopped' };
    try {
      await Promise.all(this.names.map((name) => subject.shutDown(name, patience)));
      await last(subject);
    } finally {
      this.#subject = undefined;
      await subject.end();
      await this.#countBegun();
      for (const hosted of this.#hosted) {
        this.#hasEnded(hosted);
        hosted.crashLoop.forget();
      }
    }
  }

  /**
   * Runs the writers in another process, on what their disks hold. One that S3 does not let start is started again, and again
   * (crash-loop.ts), in the same process: nothing outlives it there but what it has on its disk. Resolves when they take data in, with what
   * each found, counted; or when a fault has ended the process before they did, in the middle of their replay, say.
   * @throws Error when one does not start, or has not until `patience` is over; none of them is tried again then.
   */
  async startAgain(subject: Subject, patience: AbortSignal): Promise<Record<string, number>[]> {
    const before = this.#down;
    this.#runsIn(subject);
    const found = await allOrNone(patience, (over) =>
      this.#hosted.map((hosted) => this.#startUntilItRuns(hosted, subject, before, over)),
    );
    if (this.#down === before) this.#down = undefined;
    return found;
  }

  async #startUntilItRuns(
    hosted: HostedWriter,
    subject: Subject,
    down: Down | undefined,
    patience: AbortSignal,
  ): Promise<Record<string, number>> {
    // Whichever fault it is: what it has ended is its own to start again.
    const endedByFault = () => this.#subject !== subject || this.#down !== down;
    const ended = subject.exited.then((how): Record<string, number> => {
      if (!endedByFault()) throw new Error(`writers: their process did not start again: ${how}`);
      return {};
    });
    const over = whenOver(patience);
    // When they are waited for no more.
    ended.catch(() => {});
    over.catch(() => {});
    const { writer } = hosted.assignment;
    const refusals: string[] = [];
    try {
      while (!endedByFault()) {
        const start = this.#clock.now();
        this.#start(hosted, subject);
        const result = await Promise.race([startOf(hosted.running), ended, over]);
        if (!isRefused(result)) {
          hosted.upSince = this.#clock.now();
          return result;
        }
        // Its part of the history is whole then, its folder free, and its connections are closed.
        await hosted.running.stop().catch((error) => {
          if (!endedByFault()) throw error;
        });
        if (endedByFault()) break;
        const error = result.refused;
        refusals.push(error);
        const retryIn = patience.aborted ? undefined : hosted.crashLoop.wait();
        this.#record({
          t: this.#clock.now(),
          type: 'writer.start-failed',
          writer,
          rule: down?.rule ?? '',
          start,
          error,
          ...(retryIn !== undefined && { retryIn }),
        });
        hosted.incarnation++;
        await Promise.race([this.#clock.sleep(retryIn ?? 0, patience), ended]);
      }
      return {};
    } catch (error) {
      // It is to be down, as is told, and not to start when nobody looks any more.
      await hosted.running.stop().catch(() => {});
      if (!patience.aborted || refusals.length === 0) throw error;
      const { message } = patience.reason as Error;
      throw new Error(
        `${writer} could not start ${counted(refusals.length, 'time')}, and is not started again: ${message}; the last time: ${refusals.at(-1)}`,
      );
    }
  }

  #start(hosted: HostedWriter, subject: Subject): void {
    const { incarnation } = hosted;
    const { load } = hosted.assignment;
    const startAfter = Math.max(0, load.startAfter - (this.#clock.now() - this.#startedAt));
    hosted.running = runIn(
      subject,
      { ...hosted.assignment, incarnation, load: { ...load, startAfter } },
      hosted.listeners,
      hosted.told,
    );
  }

  #hasEnded(hosted: HostedWriter): void {
    hosted.incarnation++;
    if (hosted.upSince !== undefined) hosted.crashLoop.ran(this.#clock.now() - hosted.upSince);
    hosted.upSince = undefined;
  }

  /** The process, if there is one, is another's from here on. */
  leave(): Subject | undefined {
    const subject = this.#subject;
    this.#subject = undefined;
    return subject;
  }

  async #countBegun(): Promise<void> {
    for (const hosted of this.#hosted) {
      hosted.assignment = { ...hosted.assignment, load: { ...hosted.assignment.load, begun: await begun(hosted) } };
    }
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
}

/** Each process has a part of the history of its own: the one before may end in the middle of a line. */
function partOf({ historyFile }: WriterAssignment, incarnation: number): string {
  return incarnation === 1 ? historyFile : historyFile.replace(/\.ndjson$/, `.${incarnation}.ndjson`);
}

function runIn(
  subject: Subject,
  assignment: WriterAssignment,
  listeners: HostedWriter['listeners'],
  told: Set<string>,
): RunningWriter {
  const running = subject.write({ ...assignment, historyFile: partOf(assignment, assignment.incarnation ?? 1) });
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

/** What the writer found on its disk, or that S3 did not let it start. @throws Error when it does not start otherwise. */
function startOf(writer: RunningWriter): Promise<Record<string, number> | Refused> {
  return new Promise((resolve, reject) => {
    const off = writer.on((message) => {
      if (message.type === 'started') resolve(message.found);
      else if (message.type === 'start-failed') resolve({ refused: message.message });
      else if (message.type === 'failed') reject(new Error(`${writer.name} did not start again: ${message.message}`));
      else return;
      off();
    });
    writer.ended.then((how) => reject(new Error(`${writer.name} did not start again: ${how}`)));
  });
}

function isRefused(start: Record<string, number> | Refused): start is Refused {
  return typeof start.refused === 'string';
}

/** Rejects with the signal's reason. */
function whenOver(patience: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (patience.aborted) reject(patience.reason);
    patience.addEventListener('abort', () => reject(patience.reason), { once: true });
  });
}
