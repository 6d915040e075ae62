/**
 * A fault that outlives its heal makes everything that follows wrong: the recovery that is judged, and the scenario that uses the
 * same parts next.
 *
 * 1. After the last heal nothing of a fault is in force, as told by the places where faults act.
 * 2. A probe through the path then works as it did before the first fault: every request is answered. Requests without an answer, on a path
 *    that answers all of them when the writers are done, may have met a busy machine as well as a fault: they show neither.
 * 3. And takes no longer: its quickest request is not slower than the slowest from before the first fault, by more than a busy
 *    machine makes of it.
 */
import type { HistoryEvent, ProbeEvent } from '../history/events.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';

const name = 'path-healed';

/**
 * Milliseconds as they pass: beyond the slowest probe from before. A probe takes 5 to 20 ms on an idle machine; with 8 scenarios side by
 * side on 2 cores, the quickest after was seen to take 110 ms longer than the slowest before, once in 269 runs.
 */
const SLACK_MS = 250;

export const pathHealed: Checker = {
  name,
  invariant: 'After the last heal no fault is in force, and the path is as it was before the first.',
  kind: 'validity',
  reads: ['fault.start', 'probe'],
  start: () => new PathHealed(),
};

/** Milliseconds. */
export function quickest(samples: ProbeEvent['samples']): number {
  return Math.min(...samples.map(({ ms }) => ms));
}

/** Milliseconds. */
export function slowest(samples: ProbeEvent['samples']): number {
  return Math.max(...samples.map(({ ms }) => ms));
}

class PathHealed implements RunningChecker {
  #faults = 0;
  #before: ProbeEvent | undefined;
  /** One soon after the last heal, and another when the writers are done if that was slow, or had no answer. */
  readonly #after: ProbeEvent[] = [];

  see(event: HistoryEvent): void {
    if (event.type === 'fault.start') this.#faults++;
    if (event.type !== 'probe') return;
    if (event.when === 'before') this.#before = event;
    else this.#after.push(event);
  }

  findings(): Finding[] {
    return [{ checker: name, ...this.#judge() }];
  }

  #judge(): Omit<Finding, 'checker'> {
    const before = this.#before;
    const inForce = new Set(this.#after.flatMap((probe) => probe.inForce));
    const samples = this.#after.flatMap((probe) => probe.samples);
    if (this.#faults === 0) return { verdict: 'pass', message: 'no fault was injected: there was none to heal' };
    if (this.#after.length === 0) {
      return { verdict: 'inconclusive', message: 'the path was not probed after the last heal: the run ended before' };
    }
    if (inForce.size > 0) {
      return { verdict: 'fail', message: `after the last heal there is still in force: ${listed([...inForce])}` };
    }
    const failed = samples.filter(({ error }) => error !== undefined);
    const [example] = failed;
    if (!before) return { verdict: 'inconclusive', message: 'the path was not probed before the first fault' };
    const sick = before.samples.find(({ error }) => error !== undefined);
    if (sick) {
      const message = `before the first fault the path did not work: ${sick.operation}: ${sick.error}`;
      return { verdict: 'inconclusive', message };
    }
    if (example) {
      const message = `after the last heal ${failed.length} of ${counted(samples.length, 'request')} through the path failed: ${example.operation}: ${example.error}`;
      const later = this.#after.at(-1)?.samples.every(({ error }) => error === undefined);
      return later && failed.every(({ unanswered }) => unanswered)
        ? { verdict: 'inconclusive', message: `${message}; when the writers were done, all were answered` }
        : { verdict: 'fail', message };
    }
    const slowestBefore = slowest(before.samples);
    const quickestAfter = quickest(samples);
    const measured = `the quickest request through the path took ${quickestAfter.toFixed(1)}ms after the last heal, the slowest ${slowestBefore.toFixed(1)}ms before the first fault`;
    return quickestAfter <= slowestBefore + SLACK_MS
      ? { verdict: 'pass', message: `nothing is in force; ${measured}` }
      : { verdict: 'inconclusive', message: `the path is slower than before: ${measured}` };
  }
}
