/**
 * The harness's side of its subjects: processes that writers run in. An idle process is kept and used again, so that a
 * scenario does not pay for a start.
 */
import type { Clock } from '../clock.ts';
import { realClock } from '../clock.ts';
import type { ClientName } from '../object-store/clients.ts';
import { HarnessProcess } from '../process/child.ts';
import type { DiskFaultRequest, FromSubject, ToSubject, WriterAssignment } from './protocol.ts';

/** A writer that answers a stop later than this is taken to hang: it only has to end what is under way on its disk. */
const STOP_PATIENCE_MS = 30_000;

/** A writer in a subject. */
export interface RunningWriter {
  readonly name: string;
  /** Calls `listener` for each message about this writer. Returns what ends that. */
  on(listener: (message: FromSubject) => void): () => void;
  /**
   * Takes no more data in, cancels the uploads under way, leaves what is on the disk. When it resolves, the history part is whole.
   * @throws Error when the process is gone, or does not answer; its history part may then be cut short.
   */
  stop(): Promise<void>;
  /** Resolves, with how, when the process has ended without having been asked to. */
  readonly ended: Promise<string>;
}

export type DiskFaultAnswer = Pick<Extract<FromSubject, { type: 'disk-fault' }>, 'evidence' | 'rules' | 'error'>;

/** A process that writers run in: several at a time, if that is wanted. */
export class Subject {
  readonly #process: HarnessProcess<ToSubject, FromSubject>;
  readonly #clock: Clock;
  readonly #writers = new Set<string>();
  #gone = false;
  #asked = false;
  #calls = 0;
  /** How the process ended, asked to or not. */
  readonly exited: Promise<string>;
  /** See `RunningWriter.ended`. */
  readonly ended: Promise<string>;

  constructor(harnessProcess: HarnessProcess<ToSubject, FromSubject>, clock: Clock) {
    this.#process = harnessProcess;
    this.#clock = clock;
    this.exited = harnessProcess.exited.then(({ code, signal }) => {
      this.#gone = true;
      const said = harnessProcess.stderr;
      return `the subject process ended (${signal ?? `exit code ${code}`})${said ? `: ${said}` : ''}`;
    });
    this.ended = new Promise((resolve) => {
      this.exited.then((how) => {
        if (!this.#asked) resolve(how);
      });
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** True while no writer runs in it, and it can take one. */
  get idle(): boolean {
    return !this.#gone && !this.#asked && this.#writers.size === 0;
  }

  /** Starts a writer. What becomes of it is told to its listeners. @throws Error when one of that name runs already. */
  write(assignment: WriterAssignment): RunningWriter {
    const name = assignment.writer;
    if (this.#writers.has(name)) throw new Error(`subject: writer ${name} runs already: stop it, or give another name`);
    this.#writers.add(name);
    this.#process.send({ type: 'write', assignment });
    return {
      name,
      on: (listener) =>
        this.#process.onMessage((message) => {
          if ('writer' in message && message.writer === name) listener(message);
        }),
      stop: () => this.#stop(name, { type: 'stop', writer: name }, STOP_PATIENCE_MS),
      ended: this.ended,
    };
  }

  /** Has it load an SDK: a writer on that starts at once then. Resolves also when the process ends before. */
  async load(client: ClientName): Promise<void> {
    let unsubscribe = () => {};
    const loaded = new Promise<void>((resolve) => {
      unsubscribe = this.#process.onMessage((message) => {
        if (message.type === 'loaded' && message.client === client) resolve();
      });
      this.#process.send({ type: 'load', client });
    });
    await Promise.race([loaded, this.exited]).finally(unsubscribe);
  }

  /** Sends a signal: `SIGSTOP`, `SIGKILL`. */
  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Kills the process (SIGKILL) on purpose: it does not count as one that `ended`. Resolves when it is gone. */
  async crash(): Promise<void> {
    this.#asked = true;
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /**
   * Steers the faults of the disks of its writers. A process that is stopped (SIGSTOP) answers when it goes on.
   * @throws Error when it cannot be done, or the process is gone.
   */
  async diskFault(request: DiskFaultRequest): Promise<DiskFaultAnswer> {
    const call = ++this.#calls;
    let unsubscribe = () => {};
    const answer = new Promise<DiskFaultAnswer>((resolve, reject) => {
      unsubscribe = this.#process.onMessage((message) => {
        if (message.type === 'disk-fault' && message.call === call) resolve(message);
      });
      this.exited.then((how) => reject(new Error(how)));
      this.#process.send({ type: 'disk-fault', call, request });
    }).finally(unsubscribe);
    const { error, ...rest } = await answer.catch((gone: Error) => ({ error: gone.message }));
    if (error !== undefined) throw new Error(`subject: disk fault: cannot ${request.action}: ${error}`);
    return rest;
  }

  /**
   * Stops a writer as Tempo is stopped: see `StartedBlockWriter.shutDown`. It may take `patience` milliseconds, and as long as a stop.
   * @throws as `RunningWriter.stop` does.
   */
  shutDown(name: string, patience: number): Promise<void> {
    return this.#stop(name, { type: 'shut-down', writer: name, patience }, patience + STOP_PATIENCE_MS);
  }

  /** Ends the process, with whatever runs in it. */
  end(): Promise<void> {
    this.#asked = true;
    return this.#process.stop();
  }

  async #stop(name: string, order: ToSubject, patience: number): Promise<void> {
    if (!this.#writers.has(name)) return;
    const stopped = (message: FromSubject) => message.type === 'stopped' && message.writer === name;
    const answer = await this.#process.ask(order, stopped, patience, this.#clock);
    if (answer === 'ended') throw new Error(`subject: cannot stop writer ${name}: ${await this.exited}`);
    if (answer === 'late') {
      throw new Error(`subject: writer ${name} did not stop within ${patience} ms: end its process`);
    }
    this.#writers.delete(name);
  }
}

export class SubjectPool implements AsyncDisposable {
  readonly #clock: Clock;
  /** Idle subjects, and those that are being started to be idle. */
  readonly #idle: Promise<Subject>[] = [];
  /** Every subject that was started and not ended by us. */
  readonly #all = new Set<Promise<Subject>>();
  #disposed = false;

  constructor(clock: Clock = realClock) {
    this.#clock = clock;
  }

  /**
   * Sees to it that `count` processes are idle, or being started to be: those there are count. Resolves when they are up; never
   * rejects: one that does not start is reported by the `take` that gets it.
   */
  async prestart(count: number): Promise<void> {
    while (this.#idle.length < count && !this.#disposed) this.#idle.push(this.#start());
    await Promise.allSettled(this.#idle);
  }

  /** An idle subject, or a new one. @throws Error with what it wrote to standard error, when the process does not start. */
  async take(): Promise<Subject> {
    for (;;) {
      const subject = await (this.#idle.shift() ?? this.#start());
      // One may have died while it was idle.
      if (subject.idle) return subject;
    }
  }

  /** Gives a subject back, to be used again. One whose writers are not all stopped, or that is gone, is ended instead. */
  async giveBack(subject: Subject): Promise<void> {
    if (subject.idle && !this.#disposed) this.#idle.push(Promise.resolve(subject));
    else await subject.end();
  }

  /** Ends all processes, idle or not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#idle.length = 0;
    await Promise.all(
      [...this.#all].map((starting) =>
        starting.then(
          (subject) => subject.end(),
          () => {},
        ),
      ),
    );
  }

  #start(): Promise<Subject> {
    if (this.#disposed)
      return Promise.reject(new Error('subject pool: no subject can be taken: the pool is taken down'));
    const starting = HarnessProcess.start<ToSubject, FromSubject>('subject').then(
      ({ process }) => new Subject(process, this.#clock),
    );
    this.#all.add(starting);
    starting.then(
      (subject) => subject.exited.then(() => this.#all.delete(starting)),
      () => this.#all.delete(starting),
    );
    return starting;
  }
}
