/** The symptom of grafana/tempo#4361: flushes that end as `context deadline exceeded`. */
import type { FlushEndEvent, HistoryEvent } from '../history/events.ts';
import { AttemptTally } from './attempt-tally.ts';
import { BlockIndex } from './block-index.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';

const name = 'deadline-exceeded';

/** Flushes that are described one by one; the others are counted. */
const FLUSHES_DESCRIBED = 3;

export const deadlineExceeded: Checker = {
  name,
  invariant: 'No more flushes ran into flush_op_timeout than expected.',
  kind: 'budget',
  reads: ['block.cut', 'flush.start', 'attempt', 'flush.end'],
  judges: ['deadlineExceeded'],
  start: (context) => new DeadlineExceeded(context),
};

class DeadlineExceeded implements RunningChecker {
  readonly #expected: number | undefined;
  readonly #blocks = new BlockIndex<{ flush: AttemptTally | undefined }>();
  readonly #late = new Set<string>();
  readonly #described: string[] = [];
  #count = 0;
  #flushes = 0;

  constructor({ expect }: CheckContext) {
    this.#expected = expect.deadlineExceeded;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'block.cut':
        this.#blocks.add(event, { flush: undefined });
        break;
      case 'flush.start': {
        const state = this.#blocks.ofBlock(event.block);
        if (state) state.flush = new AttemptTally();
        break;
      }
      case 'attempt':
        this.#blocks.ofKey(event.key)?.flush?.add(event);
        break;
      case 'flush.end':
        this.#ended(event);
        break;
    }
  }

  findings(): Finding[] {
    const ran = `${this.#count} of ${counted(this.#flushes, 'flush')} ran into flush_op_timeout`;
    if (this.#expected === undefined) {
      return [{ checker: name, verdict: 'pass', message: `${ran}; the scenario sets no limit` }];
    }
    if (this.#flushes === 0) {
      return [{ checker: name, verdict: 'inconclusive', message: 'no flush ended: no deadline was put to the test' }];
    }
    const finding = { checker: name, message: `${ran} (at most ${this.#expected} expected)` };
    if (this.#count === 0) return [{ ...finding, verdict: 'pass' }];
    const more = this.#count - this.#described.length;
    return [
      {
        checker: name,
        verdict: this.#count > this.#expected ? 'fail' : 'pass',
        message: `${finding.message}: ${this.#described.join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
        blocks: [...this.#late],
      },
    ];
  }

  #ended({ block, attempt, deadlineExceeded }: FlushEndEvent): void {
    this.#flushes++;
    const state = this.#blocks.ofBlock(block);
    const flush = state?.flush;
    if (state) state.flush = undefined;
    if (!deadlineExceeded) return;
    this.#count++;
    this.#late.add(block);
    if (this.#described.length < FLUSHES_DESCRIBED)
      this.#described.push(`block ${block}, flush ${attempt}: ${wait(flush)}`);
  }
}

/** What a flush was waiting for when its deadline ended it. */
function wait(flush: AttemptTally | undefined): string {
  if (!flush || flush.attempts === 0) return 'no attempt of it is in the history';
  const time = flush.describeTime();
  const hidden =
    flush.lastCause === undefined
      ? 'no error came before the deadline'
      : `the deadline hid the last error, ${flush.lastCause}`;
  return `${time === '' ? '' : `its time went ${time}; `}${flush.describeFailures()}; ${hidden}`;
}
