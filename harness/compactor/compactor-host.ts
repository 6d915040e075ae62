/** The side of the protocol that is in the process of the compactors: runs those that it is told to, each with a part of the history. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import { HistoryPart } from '../history/part.ts';
import { watchLateness } from '../process/lateness.ts';
import { DATA } from './merged-data.ts';
import type { CompactorAssignment, FromCompactor, ToCompactor } from './protocol.ts';
import type { AssignedCompactor } from './start-assigned-compactor.ts';

/** Builds and starts a compactor. @throws Error when the assignment cannot be carried out. */
export type CompactorFactory = (
  assignment: CompactorAssignment,
  record: Recorder,
  clock: Clock,
) => Promise<AssignedCompactor>;

interface Running {
  name: string;
  part: HistoryPart;
  stopWatching: () => void;
  assigned: Promise<AssignedCompactor>;
}

export class CompactorHost {
  readonly #send: (message: FromCompactor) => void;
  readonly #start: CompactorFactory;
  readonly #clock: Clock;
  readonly #running: Running[] = [];

  constructor(send: (message: FromCompactor) => void, start: CompactorFactory, clock: Clock) {
    this.#send = send;
    this.#start = start;
    this.#clock = clock;
  }

  async handle(message: ToCompactor): Promise<void> {
    if (message.type === 'compact') this.#compact(message.assignment);
    else await this.#stop(message.patience);
  }

  /** Writes out the histories, for a process that is about to end. The compactors are not stopped: they end with it. */
  async closeHistories(): Promise<void> {
    await Promise.allSettled(this.#running.map(({ part }) => part.close()));
  }

  #compact(assignment: CompactorAssignment): void {
    const { compactor: name, historyFile } = assignment;
    const part = new HistoryPart(historyFile);
    const record: Recorder = (event) => {
      part.record(event);
      if (event.type === 'compaction') {
        this.#send({ type: 'compacted', compactor: name, dataKey: `${event.keyPrefix}${DATA}` });
      } else if (event.type === 'writer.error') {
        this.#send({ type: 'failed', compactor: name, message: event.message });
      }
    };
    const assigned = this.#start(assignment, record, this.#clock);
    const running: Running = { name, part, assigned, stopWatching: () => {} };
    this.#running.push(running);
    assigned.then(
      ({ compactor }) => {
        // Only from here on: loading an SDK blocks this process for long, and makes nothing late.
        running.stopWatching = watchLateness('compactor', this.#clock, record);
        // A rejection is told by the compactor itself, with a `writer.error`.
        compactor.started.then(
          () => this.#send({ type: 'started', compactor: name }),
          () => {},
        );
      },
      ({ message }: Error) => record({ t: this.#clock.now(), type: 'writer.error', writer: name, message }),
    );
  }

  async #stop(patience: number): Promise<void> {
    await Promise.all(this.#running.splice(0).map((running) => this.#end(running, patience)));
    this.#send({ type: 'stopped' });
  }

  async #end({ name, part, assigned, stopWatching }: Running, patience: number): Promise<void> {
    const one = await assigned.catch(() => undefined);
    await one?.compactor.stop(patience);
    one?.close();
    stopWatching();
    try {
      await part.close();
    } catch (error) {
      this.#send({ type: 'failed', compactor: name, message: (error as Error).message });
    }
  }
}
