/** The background process's side of its protocol: runs the traffic that it is told to, with a history part of its own. */
import type { Clock } from '../clock.ts';
import { HistoryPart } from '../history/part.ts';
import type { S3Operations } from '../object-store/s3-operations.ts';
import { watchLateness } from '../process/lateness.ts';
import { Random } from '../random.ts';
import { backgroundOperations } from './background-operations.ts';
import type { BackgroundAssignment, FromBackground, ToBackground } from './protocol.ts';
import { BackgroundTraffic } from './traffic.ts';

interface Running {
  part: HistoryPart;
  /** Absent: it could not begin. */
  begun: Promise<{ traffic: BackgroundTraffic; operations: S3Operations; stopWatching: () => void } | undefined>;
}

export class BackgroundHost {
  readonly #send: (message: FromBackground) => void;
  readonly #clock: Clock;
  #running: Running | undefined;

  constructor(send: (message: FromBackground) => void, clock: Clock) {
    this.#send = send;
    this.#clock = clock;
  }

  async handle(message: ToBackground): Promise<void> {
    if (message.type === 'begin') this.#begin(message.assignment);
    else await this.#stop();
  }

  /** Writes out the history, for a process that is about to end. */
  async closeHistory(): Promise<void> {
    await this.#running?.part.close().catch(() => {});
  }

  #begin(assignment: BackgroundAssignment): void {
    const part = new HistoryPart(assignment.historyFile);
    const { record } = part;
    const begin = async () => {
      const operations = await backgroundOperations(assignment, this.#clock);
      // Only from here on: loading an SDK blocks this process for long, and makes nothing late.
      const stopWatching = watchLateness('background', this.#clock, record);
      const random = new Random(assignment.seed);
      const traffic = new BackgroundTraffic(assignment.plan, { operations, clock: this.#clock, random, record });
      return { traffic, operations, stopWatching };
    };
    const begun = begin().catch((error: Error) => {
      this.#send({ type: 'failed', message: error.message });
      return undefined;
    });
    this.#running = { part, begun };
  }

  async #stop(): Promise<void> {
    const begun = await this.#running?.begun;
    if (begun) {
      await begun.traffic.stop();
      begun.operations.close();
      begun.stopWatching();
    }
    try {
      await this.#running?.part.close();
    } catch (error) {
      this.#send({ type: 'failed', message: (error as Error).message });
    }
    this.#running = undefined;
    this.#send({ type: 'stopped' });
  }
}
