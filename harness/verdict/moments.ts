/** Moments of a run as a reader of its scenario knows them: in the config's time, from the timeline's begin. */
import type { CheckContext } from '../checkers/checker.ts';
import { configTime, sayMoment } from '../checkers/config-time.ts';
import type { HistoryEvent } from '../history/events.ts';

/** From the first to the last of something, in milliseconds: as they passed, or of the config's time. */
export interface Span {
  first: number;
  last: number;
}

export class Moments {
  readonly #compression: CheckContext['compression'];
  #zero = 0;

  constructor({ compression }: Pick<CheckContext, 'compression'>) {
    this.#compression = compression;
  }

  see(event: HistoryEvent): void {
    // A scenario's `at` counts from the timeline's begin.
    if (event.type === 'scenario' || (event.type === 'phase' && event.phase === 'timeline')) this.#zero = event.t;
  }

  /** `t` of the history, in milliseconds of the config's time; below 0 before the timeline. */
  of(t: number): number {
    return configTime(t - this.#zero, this.#compression);
  }

  span({ first, last }: Span): Span {
    return { first: this.of(first), last: this.of(last) };
  }
}

/** `at 0:04`, or `between 0:04 and 1:10`. In the config's time. */
export function saySpan({ first, last }: Span): string {
  const [from, to] = [sayMoment(first), sayMoment(last)];
  return from === to ? `at ${from}` : `between ${from} and ${to}`;
}

/** From the first to the last of both. */
export function widest(a: Span | undefined, b: Span): Span {
  return a ? { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) } : b;
}
