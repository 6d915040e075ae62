/** Which histories this version of the tool reads. */
import type { HistoryEvent, ScenarioEvent } from './events.ts';
import { HistoryError } from './history-error.ts';

/** Goes up when an event means something else than before, so that a history of another format is refused, and not half judged. */
export const historyFormat: ScenarioEvent['format'] = 1;

/** @throws HistoryError for a scenario of another format. */
export function checkFormat(
  { format, tool }: Extract<HistoryEvent, { type: 'scenario' }>,
  file: string,
  number: number,
) {
  if (format === historyFormat) return;
  throw new HistoryError(
    `${file}:${number}`,
    `the history is of format ${format}, and this tool reads format ${historyFormat}`,
    `judge it with the version that wrote it${typeof tool === 'string' ? `: ${tool}` : ''}`,
  );
}
