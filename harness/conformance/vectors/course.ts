/** What happened to one block on its way to S3: of a recorded Tempo, or of our writer, in one form. */
import type { Counters } from './counters.ts';
import { comparableRecordedError } from './logged-error.ts';
import type { Recording } from './recording.ts';

export interface SentRequest {
  /** Milliseconds as they passed, from the first request to the arrival of this one. */
  at: number;
  /** Milliseconds until it was answered, or ended without. */
  took: number;
  method: string;
  /** `<block>/data.parquet?partNumber=3` */
  path: string;
  /** A status, or what became of it: `reset`, `applied with 200, then reset`, `never answered`, `200 with error SlowDown`. */
  status: string;
  /** Of the payload. */
  bytes: number;
  connection: number;
  /** What the client itself tells of the wait until it tries again, in milliseconds as they pass. Absent where nobody tells. */
  pause?: Pause;
}

export interface Pause {
  /** How long it chose to wait. */
  chosen: number;
  /** From the end of the failed attempt to the start of the next, as the client saw both. Absent: there was no next. */
  waited?: number;
}

export interface Course {
  /** Writing requests, in the order of their arrival. */
  requests: readonly SentRequest[];
  /** What was logged of failed operations, in a form that can be compared (logged-error.ts). */
  errors: readonly string[];
  counters: Counters;
  flushed: boolean;
  /** What every duration was divided by. */
  time: number;
  /** Milliseconds, as they passed, by which whatever is to happen at once may come late. */
  slack: number;
  /** Ends of exchanges closer together than so many milliseconds have no order that can be relied on. */
  blur: number;
}

/** The writer, the path and the server of a recording were alone on their machine, and times are whole milliseconds. */
const RECORDED = { time: 1, slack: 100, blur: 3 };

export function recordedCourse(recording: Recording): Course {
  return {
    ...RECORDED,
    requests: recording.requests.map(({ at_ms, took_ms, method, path, status, bytes, connection }) => ({
      at: at_ms,
      took: took_ms,
      method,
      path,
      status: String(status),
      bytes,
      connection,
    })),
    errors: recording.errors.map(comparableRecordedError),
    counters: recording.metrics,
    flushed: recording.block_flushed,
  };
}

/** The words for requests that were not answered. */
export const unanswered = {
  reset: 'reset',
  never: 'never answered',
  applied: (status: number) => `applied with ${status}, then reset`,
  hidden: (code: string) => `200 with error ${code}`,
};

/** Whether S3 has said, in words that count, that all is well. */
export function succeeded({ status }: SentRequest): boolean {
  return /^2\d\d$/.test(status);
}
