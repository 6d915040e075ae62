/** How long a block takes from its cut until readers can see it. */
import type { HistoryEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { counted, listed } from './counted.ts';
import { ObservedUntil } from './observed-until.ts';

const name = 'visible-within';

export const visibleWithin: Checker = {
  name,
  invariant: "Every block's meta.json is acknowledged by S3 within the budget, counted from the block's cut.",
  kind: 'budget',
  reads: 'every event',
  judges: ['visibleWithin'],
  start: (context) => new VisibleWithin(context),
};

class VisibleWithin implements RunningChecker {
  readonly #context: CheckContext;
  readonly #observed = new ObservedUntil();
  /** When each block that is not in S3 was cut. */
  readonly #waiting = new Map<string, number>();
  readonly #dropped = new Set<string>();
  /** Blocks that took longer than the budget, and how long, in milliseconds of the config's time. */
  readonly #late = new Map<string, number>();
  #longest = 0;
  #visible = 0;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.#observed.see(event);
    switch (event.type) {
      case 'block.cut':
        // A block cut again (a replay) has been waiting since it was cut first.
        if (!this.#waiting.has(event.block)) this.#waiting.set(event.block, event.t);
        break;
      case 'block.dropped':
        this.#dropped.add(event.block);
        break;
      case 'flush.end': {
        const cut = this.#waiting.get(event.block);
        if (event.outcome !== 'ok' || cut === undefined) return;
        this.#waiting.delete(event.block);
        this.#visible++;
        const took = configTime(event.t - cut, this.#context.compression);
        this.#longest = Math.max(this.#longest, took);
        if (took > (this.#context.expect.visibleWithin ?? Number.POSITIVE_INFINITY)) this.#late.set(event.block, took);
        break;
      }
    }
  }

  findings(): Finding[] {
    const budget = this.#context.expect.visibleWithin;
    if (budget === undefined) {
      const message = `the slowest of ${counted(this.#visible, 'visible block')} took ${sayDuration(this.#longest)}; the scenario sets no budget`;
      return [{ checker: name, verdict: 'pass', message }];
    }
    if (this.#visible + this.#waiting.size === 0) {
      return [
        { checker: name, verdict: 'inconclusive', message: 'no block was cut: there was nothing to become visible' },
      ];
    }
    const never: [block: string, waited: number][] = [];
    const open: string[] = [];
    for (const [block, cut] of this.#waiting) {
      const waited = configTime(this.#observed.t - cut, this.#context.compression);
      if (waited > budget || this.#dropped.has(block)) never.push([block, waited]);
      else open.push(block);
    }
    const findings: Finding[] = [];
    if (this.#late.size + never.length > 0) {
      const each = [
        ...[...this.#late].map(([block, took]) => `block ${block} took ${sayDuration(took)}`),
        ...never.map(([block, waited]) =>
          this.#dropped.has(block)
            ? `block ${block} was given up and never will be`
            : `block ${block} was not in S3 after ${sayDuration(waited)}`,
        ),
      ];
      const message = `${counted(each.length, 'block')} not visible within ${formatDuration(budget)} of the cut: ${listed(each)}`;
      findings.push({
        checker: name,
        verdict: 'fail',
        message,
        blocks: [...this.#late.keys(), ...never.map(([block]) => block)],
        missedByMs: never.some(([block]) => this.#dropped.has(block))
          ? 'never'
          : Math.max(...this.#late.values(), ...never.map(([, waited]) => waited)) - budget,
      });
    }
    if (open.length > 0) {
      const message = `${counted(open.length, 'block')} not visible when the run ended, before the ${formatDuration(budget)} were over: whether the budget would have been kept is not known (a longer drain would tell)`;
      findings.push({ checker: name, verdict: 'inconclusive', message, blocks: open });
    }
    if (findings.length > 0) return findings;
    const message = `${counted(this.#visible, 'block')} visible within ${sayDuration(this.#longest)} of the cut at most (budget ${formatDuration(budget)})`;
    return [{ checker: name, verdict: 'pass', message }];
  }
}
