/**
 * The subject's side of its protocol: runs the writers that the harness assigns to this process, each with a history part of
 * its own, and tells the harness what it has to know at once.
 */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { HistoryPart } from '../history/part.ts';
import { type ClientName, loadClient } from '../object-store/clients.ts';
import { watchLateness } from '../process/lateness.ts';
import { S3NotReached, type StartedBlockWriter } from '../writer/block-writer.ts';
import { DiskFaults } from './disk-faults.ts';
import { messageOf } from './messages.ts';
import type { DiskFaultRequest, FromSubject, ToSubject, WriterAssignment } from './protocol.ts';

/** A writer, and what was built for it alone. */
export interface AssignedWriter {
  writer: StartedBlockWriter;
  /** Closes its connections. The writer is stopped by then. */
  close(): void;
}

/** Builds and starts a writer. @throws Error when the assignment cannot be carried out. */
export type WriterFactory = (
  assignment: WriterAssignment,
  record: Recorder,
  clock: Clock,
  diskFaults: DiskFaults,
) => Promise<AssignedWriter>;

interface Running {
  part: HistoryPart;
  stopWatching: () => void;
  assigned: Promise<AssignedWriter>;
}

export class SubjectHost {
  readonly #send: (message: FromSubject) => void;
  readonly #startWriter: WriterFactory;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  readonly #diskFaults = new DiskFaults();

  constructor(send: (message: FromSubject) => void, startWriter: WriterFactory, clock: Clock) {
    this.#send = send;
    this.#startWriter = startWriter;
    this.#clock = clock;
  }

  async handle(message: ToSubject): Promise<void> {
    if (message.type === 'load') await this.#load(message.client);
    else if (message.type === 'write') this.#write(message.assignment);
    else if (message.type === 'stop') await this.#stop(message.writer, (writer) => writer.stop());
    else if (message.type === 'shut-down')
      await this.#stop(message.writer, (writer) => writer.shutDown(message.patience));
    else this.#send({ type: 'disk-fault', call: message.call, ...this.#diskFault(message.request) });
  }

  /** Writes out the histories, for a process that is about to end. The writers are not stopped: they end with it. */
  async closeHistories(): Promise<void> {
    await Promise.allSettled([...this.#running.values()].map(({ part }) => part.close()));
  }

  async #load(client: ClientName): Promise<void> {
    // One that cannot be loaded is told of by the writer that needs it.
    await loadClient(client).catch(() => {});
    this.#send({ type: 'loaded', client });
  }

  #write(assignment: WriterAssignment): void {
    const { writer: name, historyFile, incarnation = 1 } = assignment;
    if (this.#running.has(name)) {
      const message = `subject: writer ${name} runs already: stop it before it is assigned again`;
      this.#send({ type: 'failed', writer: name, message });
      return;
    }
    const part = new HistoryPart(historyFile, { atOnce: true });
    const record: Recorder = (event) => {
      part.record(event);
      const message = messageOf(event);
      if (message) this.#send(message);
    };
    const assigned = this.#startWriter(assignment, record, this.#clock, this.#diskFaults);
    const running: Running = { part, assigned, stopWatching: () => {} };
    this.#running.set(name, running);
    assigned.then(
      ({ writer }) => {
        // Only from here on: loading an SDK blocks this process for long, and makes nothing late.
        running.stopWatching = watchLateness('subject', this.#clock, (event) => record({ ...event, writer: name }));
        this.#follow(name, writer, (error) => {
          const { message } = error;
          // At its first start no fault is in force: it is the path, or the config, that does not work.
          if (incarnation === 1) record({ t: this.#clock.now(), type: 'writer.error', writer: name, message });
          else this.#send({ type: 'start-failed', writer: name, message });
        });
      },
      (error: Error) => record({ t: this.#clock.now(), type: 'writer.error', writer: name, message: error.message }),
    );
  }

  /** Any rejection but `S3NotReached` is told by the writer itself, with a `writer.error`. */
  #follow(name: string, writer: StartedBlockWriter, refused: (error: S3NotReached) => void): void {
    writer.started.then(
      ({ found, blocks }) => this.#send({ type: 'started', writer: name, found: { ...found }, blocks }),
      (error) => {
        if (error instanceof S3NotReached) refused(error);
      },
    );
    writer.done.then(
      () => this.#send({ type: 'done', writer: name }),
      () => {},
    );
  }

  /** `end`: how the writer is brought to its end. */
  async #stop(name: string, end: (writer: StartedBlockWriter) => Promise<void>): Promise<void> {
    const running = this.#running.get(name);
    // A writer that is not there is stopped: the harness may not know how far a failed one came.
    if (!running) return this.#send({ type: 'stopped', writer: name });
    const assigned = await running.assigned.catch(() => undefined);
    if (assigned) await end(assigned.writer);
    assigned?.close();
    running.stopWatching();
    try {
      await running.part.close();
    } catch (error) {
      this.#send({ type: 'failed', writer: name, message: (error as Error).message });
    }
    this.#running.delete(name);
    this.#send({ type: 'stopped', writer: name });
  }

  #diskFault(request: DiskFaultRequest): Omit<Extract<FromSubject, { type: 'disk-fault' }>, 'type' | 'call'> {
    const faults = this.#diskFaults;
    try {
      switch (request.action) {
        case 'add':
          faults.add(request.fault);
          return {};
        case 'evidence':
          return { evidence: faults.evidence(request.rule) };
        case 'remove':
          return { evidence: faults.remove(request.rule) };
        case 'list':
          return { rules: faults.inForce.map(({ fault }) => fault.rule) };
      }
    } catch (error) {
      return { error: (error as Error).message };
    }
  }
}
