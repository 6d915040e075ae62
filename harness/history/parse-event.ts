/** From a line to an event. */
import type { HistoryEvent } from './events.ts';
import { copyAgain, HistoryError } from './history-error.ts';

/** `number`: the line's, for the error. @throws HistoryError for what is not an event, of whatever type. */
export function parseEvent(line: string, file: string, number: number): HistoryEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (error) {
    throw new HistoryError(
      `${file}:${number}`,
      'this line is not JSON: the history was cut short or edited',
      copyAgain,
      {
        cause: error,
      },
    );
  }
  const { t, type } = (event ?? {}) as Partial<HistoryEvent>;
  if (!Number.isFinite(t) || typeof type !== 'string') {
    throw new HistoryError(`${file}:${number}`, 'this line is not an event (no t, no type)', copyAgain);
  }
  return event as HistoryEvent;
}
