/**
 * Whether a block was readable all the time: from the ingester's local disk at first, and from S3 once a reader knows it.
 *
 * 1. A reader lists S3 each `blocklist_poll`. One whose poll came just before the block's `meta.json` knows of it a whole poll later: that
 *    is the worst case, and what is judged, since the polls of a deployment's readers lie anywhere.
 * 2. The ingester clears its copy `complete_block_timeout` after the block's end (Tempo 2.8 on), however late the flush was.
 * 3. The gap is what lies between the second and the first. Nothing is lost in it: a query just does not find the traces.
 */
import type { HistoryEvent } from '../history/events.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { counted, listed } from './counted.ts';
import { numberAt } from './recorded-settings.ts';

const name = 'visibility-gap';

export const visibilityGap: Checker = {
  name,
  invariant:
    "No block was cleared from the writer's local disk before a reader that polls each blocklist_poll could know it from S3.",
  kind: 'budget',
  reads: ['scenario', 'flush.end', 'block.cleared'],
  judges: ['visibilityGap'],
  start: (context) => new VisibilityGap(context),
};

interface Gap {
  block: string;
  /** From the flush to the clearing, and from the clearing until every reader knows the block: milliseconds of the config's time. */
  keptFor: number;
  gap: number;
}

class VisibilityGap implements RunningChecker {
  readonly #context: CheckContext;
  /** Milliseconds as they pass. */
  #blocklistPoll: number | undefined;
  /** When each block that was not cleared yet was in S3 first. */
  readonly #flushed = new Map<string, number>();
  readonly #gaps: Gap[] = [];
  #cleared = 0;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#blocklistPoll = blocklistPollOf(event.settings);
        break;
      case 'flush.end':
        // A block that is flushed again, after a crash, was in S3 before.
        if (event.outcome === 'ok' && !this.#flushed.has(event.block)) this.#flushed.set(event.block, event.t);
        break;
      case 'block.cleared':
        this.#clear(event.block, event.t);
        break;
    }
  }

  findings(): Finding[] {
    const limit = this.#context.expect.visibilityGap;
    const judged = limit !== undefined;
    const poll = this.#blocklistPoll;
    if (poll === undefined || this.#cleared === 0) {
      const message =
        poll === undefined
          ? 'the history does not say how often readers poll'
          : 'no local block was cleared: readers had the ingester for each';
      return [{ checker: name, verdict: judged ? 'inconclusive' : 'pass', message }];
    }
    const every = sayDuration(configTime(poll, this.#context.compression));
    const over = this.#gaps.filter(({ gap }) => gap > (limit ?? 0));
    if (over.length === 0) {
      const message = `${counted(this.#cleared, 'block')} cleared locally${judged && limit > 0 ? `, none more than ${formatDuration(limit)} before` : ' after'} every reader knew it from S3 (blocklist_poll ${every})`;
      return [{ checker: name, verdict: 'pass', message }];
    }
    const described = [...over]
      .sort((a, b) => b.gap - a.gap)
      .map(
        ({ block, keptFor, gap }) =>
          `block ${block} was cleared ${sayDuration(keptFor)} after its flush, up to ${sayDuration(gap)} too early`,
      );
    const message = `${over.length} of ${counted(this.#cleared, 'block')} cleared locally before every reader could know ${over.length === 1 ? 'it' : 'them'} from S3 (blocklist_poll ${every})${judged ? `, by more than ${formatDuration(limit)}` : ''}: ${listed(described, 2)}`;
    if (!judged) return [{ checker: name, verdict: 'pass', message, note: true }];
    return [
      {
        checker: name,
        verdict: 'fail',
        message,
        blocks: over.map(({ block }) => block),
        missedByMs: Math.max(...over.map(({ gap }) => gap)) - limit,
      },
    ];
  }

  #clear(block: string, t: number): void {
    const flushed = this.#flushed.get(block);
    // One that is not in S3 is never cleared by a writer: what became of it, durability says.
    if (flushed === undefined || this.#blocklistPoll === undefined) return;
    this.#flushed.delete(block);
    this.#cleared++;
    const { compression } = this.#context;
    const gap = configTime(flushed + this.#blocklistPoll - t, compression);
    if (gap > 0) this.#gaps.push({ block, keptFor: configTime(t - flushed, compression), gap });
  }
}

export function blocklistPollOf(settings: unknown): number | undefined {
  return numberAt(settings, 'other', 'blocklistPoll');
}
