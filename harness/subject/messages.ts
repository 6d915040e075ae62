/** What the harness is told at once of what a writer records. */
import type { HistoryEvent } from '../history/events.ts';
import type { FromSubject } from './protocol.ts';

/** The message for an event, or `undefined` for one that only the history needs. */
export function messageOf(event: HistoryEvent): FromSubject | undefined {
  switch (event.type) {
    case 'block.cut':
      return { type: 'cut', writer: event.writer, block: event.block };
    case 'flush.end': {
      const { writer, block, outcome, error = '', deadlineExceeded } = event;
      if (outcome === 'ok') return { type: 'flushed', writer, block };
      return { type: 'flush-failed', writer, block, error, deadlineExceeded };
    }
    case 'block.dropped':
      return { type: 'dropped', writer: event.writer, block: event.block };
    case 'writer.error':
      return { type: 'failed', writer: event.writer, message: event.message };
    default:
      return undefined;
  }
}
