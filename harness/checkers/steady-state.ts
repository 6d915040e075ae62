/**
 * A writer that does not work without faults proves nothing about faults; nor does one that has S3 to itself where the scenario has
 * others beside it.
 */
import type { HistoryEvent, ScenarioEvent } from '../history/events.ts';
import { BlockIndex } from './block-index.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';
import { numberAt, valueAt } from './recorded-settings.ts';

const name = 'steady-state';

export const steadyState: Checker = {
  name,
  invariant:
    'Before the first fault at least one block was flushed with no failed attempt; and the queriers and compactors that the scenario has beside the writers sent requests.',
  kind: 'validity',
  reads: ['scenario', 'background', 'fault.start', 'block.cut', 'flush.start', 'attempt', 'flush.end'],
  neverFails: true,
  start: () => new SteadyState(),
};

class SteadyState implements RunningChecker {
  readonly #flushes = new BlockIndex<{ failedAttempts: number }>();
  #faulted = false;
  #cut = 0;
  #clean = 0;
  #flushed = 0;

  /** Queriers and compactors that send requests beside the writers, and requests that they sent in all of the run. */
  #others = 0;
  #ofOthers = 0;

  see(event: HistoryEvent): void {
    if (event.type === 'scenario') this.#others = othersOf(event);
    else if (event.type === 'background') this.#ofOthers++;
    if (this.#faulted) return;
    switch (event.type) {
      case 'fault.start':
        this.#faulted = true;
        break;
      case 'block.cut':
        this.#cut++;
        this.#flushes.add(event, { failedAttempts: 0 });
        break;
      case 'flush.start': {
        const flush = this.#flushes.ofBlock(event.block);
        if (flush) flush.failedAttempts = 0;
        break;
      }
      case 'attempt': {
        const flush = this.#flushes.ofKey(event.key);
        if (flush && event.outcome !== 'ok') flush.failedAttempts++;
        break;
      }
      case 'flush.end':
        if (event.outcome !== 'ok') return;
        this.#flushed++;
        if (this.#flushes.ofBlock(event.block)?.failedAttempts === 0) this.#clean++;
        break;
    }
  }

  findings(): Finding[] {
    if (this.#others > 0 && this.#ofOthers === 0) {
      const message = `S3 had the writers alone: of the queriers and compactors beside them, which are to be ${this.#others}, not one request came`;
      return [{ checker: name, verdict: 'inconclusive', message }];
    }
    const when = this.#faulted ? 'before the first fault' : 'without any fault';
    if (this.#clean > 0) {
      const message = `${counted(this.#clean, 'block')} flushed with no failed attempt ${when}`;
      return [{ checker: name, verdict: 'pass', message }];
    }
    const message =
      this.#flushed > 0
        ? `the path was not healthy: each of ${counted(this.#flushed, 'block')} flushed ${when} needed retries`
        : `no block was flushed ${when} (${this.#cut} cut): let the first fault start later, or cut the first block sooner`;
    return [{ checker: name, verdict: 'inconclusive', message }];
  }
}

/** How many there are to be, by what the history's own scenario and settings say. */
function othersOf({ scenario, settings }: ScenarioEvent): number {
  const asked = valueAt(scenario, 'load', 'background');
  const each = ['queriers', 'compactors'].map((kind) => {
    const number = valueAt(asked, kind);
    return number === 'deployment' ? (numberAt(settings, 'deployment', kind) ?? 0) : Number(number ?? 0);
  });
  return each.reduce((sum, number) => sum + number, 0);
}
