/** What the page of a checker tells beside its name, its invariant and its kind: docs/checkers/<name>.md. One file beside this for each. */
import type { HistoryEvent } from '../../history/events.ts';

export interface CheckerPage {
  /** Why it matters, and how it is decided: paragraphs of Markdown. */
  details: string;
  /** What it takes from the events of each type that it looks at. `every event`: what it takes of all, whatever their type. */
  reads: Partial<Record<HistoryEvent['type'] | 'every event', string>>;
  example: CheckerExample;
  /** How it can be wrong, and what it cannot see: a sentence or two each. */
  limits: readonly string[];
}

/** Something that this checker catches, and no other does. It is judged when the pages are made, and by the tests. */
export interface CheckerExample {
  /** What went wrong, in a sentence or two. */
  about: string;
  /** The whole history, in the order of time: see `exampleRun`. */
  history: readonly HistoryEvent[];
  /** Of the history, the events that a reader is to look at. */
  shown: readonly HistoryEvent[];
  /** Checkers that cannot pass either, by what this one is. */
  along?: readonly string[];
}
