/** Holds every event of a history against its schema. It takes ten times as long as judging: for what cannot be judged. */
import { historyFormat } from './format.ts';
import { HistoryError } from './history-error.ts';
import { readHistory } from './read-history.ts';
import { eventSchemas } from './schema.ts';

/** @throws HistoryError when the history is not whole, or that names the first event that is not as it should be. */
export async function checkEvents(file: string): Promise<void> {
  let first: HistoryError | undefined;
  let number = 0;
  for await (const event of readHistory(file)) {
    number++;
    if (first) continue;
    const { error } = eventSchemas[event.type].safeParse(event);
    if (!error) continue;
    const problems = error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`).join('; ');
    first = new HistoryError(
      `${file}:${number}`,
      `this line is not a ${event.type} event of format ${historyFormat} (${problems})`,
      'judge it with the version that wrote it, or run the scenario again',
    );
  }
  if (first) throw first;
}
