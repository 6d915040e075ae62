/** A flush that has been cut into pieces. */
import type { FlushEndEvent, FlushStartEvent } from '../../history/events.ts';
import type { FlushTime } from './flush-blame.ts';
import type { Work } from './flush-time.ts';

export interface Account {
  start: FlushStartEvent;
  end: FlushEndEvent;
  works: Work[];
  /** Attempts, and those of them that did not end well. */
  sent: number;
  failed: number;
  failedBy: FlushTime['failed'] | undefined;
  /** Milliseconds in a queue, by the flush that held it; `undefined`: one that had no trouble. */
  queued: { ms: number; behind: Account | undefined }[];
}
