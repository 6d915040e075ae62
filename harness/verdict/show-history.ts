/** Shows a history to who can begin only once its scenario is known. */
import type { Watcher } from '../checkers/audience.ts';
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';

/**
 * Gives who was begun with the scenario, and has seen all events in their order. They come some hundred at a time: waiting for each of a
 * million takes a while by itself.
 * @throws Error when no scenario is among them, and what `begin` throws.
 */
export async function showHistory<Begun extends Watcher>(
  pieces: Iterable<Iterable<HistoryEvent>> | AsyncIterable<Iterable<HistoryEvent>>,
  begin: (scenario: ScenarioEvent) => Begun,
): Promise<Begun> {
  // Events in front of the scenario make the history a broken one, which history-whole will say.
  let early: HistoryEvent[] = [];
  let begun: Begun | undefined;
  for await (const events of pieces) {
    for (const event of events) {
      if (begun) {
        begun.see(event);
      } else {
        early.push(event);
        if (event.type !== 'scenario') continue;
        begun = begin(event);
        for (const first of early) begun.see(first);
        early = [];
      }
    }
  }
  if (!begun) {
    throw new Error(
      `judge: no scenario event among the ${early.length} events of the history: it is not whole, run the scenario again`,
    );
  }
  return begun;
}
