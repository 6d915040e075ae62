/**
 * Who is to blame for what was lost: over a history, in one pass.
 *
 * 1. Attempts, and what the S3 edge saw of them, are kept for as long as the flush that they belong to may still be told more of
 *    (open-flushes.ts).
 * 2. Events of one moment are taken together, so that their order makes no difference (moment-batch.ts).
 * 3. Some time after its end (patience.ts) a flush is cut into pieces (flush-time.ts), and its attempts are forgotten. What went well goes
 *    into what is usual (usual.ts).
 * 4. Flushes that neither failed nor seem slow by what is usual so far are forgotten too; the others are weighed at the end (weighing.ts,
 *    flush-blame.ts).
 * 5. A block that waited for one of the writer's queues (queues.ts): due to the flush, or the completion, that held the queue, if that
 *    failed, or if the writer has as many queues as Tempo sets up; else, and for what that takes at its best, to the client's concurrency.
 * 6. What a block lost while it was completed (completions.ts), or waited for that, is told with its first flush; by itself of a block that no
 *    flush was begun of.
 * 7. What was lost while the machine itself was late (busy-machine.ts) is noise, unless the flush failed.
 *
 * Reads nothing that only the injector of a fault knows: `hideFaults` changes nothing.
 */
import type { Reads } from '../../checkers/audience.ts';
import type { CheckContext } from '../../checkers/checker.ts';
import type { AttemptEvent, FlushEndEvent, HistoryEvent } from '../../history/events.ts';
import { Moments } from '../moments.ts';
import type { Account, Waited } from './account.ts';
import type { Blame } from './blame.ts';
import { BlockedTimes } from './blocked-times.ts';
import { BusyMachine } from './busy-machine.ts';
import { type Completion, Completions } from './completions.ts';
import { blameFor, Dues } from './flush-blame.ts';
import { cutFlush, type Seen } from './flush-time.ts';
import { MomentBatch } from './moment-batch.ts';
import { type EndedFlush, OpenFlushes } from './open-flushes.ts';
import { patienceFor } from './patience.ts';
import { PlainFlushes } from './plain-flushes.ts';
import { hasFewQueues, Queues, sharesQueues } from './queues.ts';
import { Usual } from './usual.ts';
import { type Waterfall, waterfallOf } from './waterfall.ts';
import { type Weighed, Weighing } from './weighing.ts';
import { wasStopped, whatFailed } from './what-failed.ts';

export class Attribution {
  static readonly reads = [
    'scenario',
    'phase',
    'complete.start',
    'complete',
    'block.cut',
    'flush.start',
    'flush.end',
    'attempt',
    'edge',
    'lateness',
    'writer.process',
  ] as const satisfies Reads;

  readonly #compression: CheckContext['compression'];
  readonly #patience: number;
  readonly #moments: Moments;
  readonly #usual = new Usual();
  readonly #plain = new PlainFlushes();
  readonly #batch = new MomentBatch();
  readonly #open = new OpenFlushes();
  readonly #blocked = new BlockedTimes();
  readonly #busy = new BusyMachine();
  readonly #queues = new Queues();
  readonly #completions = new Completions();
  readonly #weighing = new Weighing(this.#usual);
  /** Of which more may be told, in the order of time. */
  #ended: EndedFlush[] = [];
  #steady = false;
  #sharesQueues = true;

  constructor({ compression }: Pick<CheckContext, 'compression'>) {
    this.#compression = compression;
    this.#patience = patienceFor(compression.time);
    this.#moments = new Moments({ compression });
  }

  see(event: HistoryEvent): void {
    if (!reads.has(event.type)) return;
    if (this.#batch.isBefore(event)) {
      this.#batch.take(this.#take, event.t);
      this.#settle();
    }
    this.#batch.add(event);
  }

  /** For the run. */
  blame(): Blame {
    const { losses, unflushed, dues, flushes } = this.#weigh();
    const all = new Dues();
    all.merge(dues);
    for (const { loss } of losses) all.merge(loss.dues);
    for (const one of unflushed) all.merge(one.dues);
    return blameFor(all, flushes + losses.length + unflushed.length, this.#compression);
  }

  /** For these blocks. */
  blameOf(blocks: Iterable<string>): Blame {
    const wanted = new Set(blocks);
    const { losses, unflushed } = this.#weigh();
    const own = [
      ...losses.filter(({ account }) => wanted.has(account.start.block)).map(({ loss }) => loss.dues),
      ...unflushed.filter(({ block }) => wanted.has(block)).map(({ dues }) => dues),
    ];
    const all = new Dues();
    for (const dues of own) all.merge(dues);
    return blameFor(all, own.length, this.#compression);
  }

  /** Of each flush that failed or was slow, in the order in which they ended; the first ones of very many are left out. */
  waterfalls(): Waterfall[] {
    const told = { moments: this.#moments, compression: this.#compression };
    return this.#weigh().losses.map((loss) => waterfallOf(loss, told));
  }

  readonly #take = (event: HistoryEvent): void => {
    switch (event.type) {
      case 'scenario':
        this.#moments.see(event);
        this.#weighing.fewQueues = hasFewQueues(event.settings);
        this.#sharesQueues = sharesQueues(event.settings);
        break;
      case 'phase':
        this.#moments.see(event);
        this.#steady = event.phase === 'steady-state';
        // The writers have been stopped by then.
        if (event.phase === 'final-read') this.#completions.over(event.t);
        break;
      case 'complete.start':
        this.#completions.begin(event);
        break;
      case 'complete': {
        const by = this.#completions.end(event, this.#steady);
        this.#queues.hold(this.#queueOf(by), { from: by.from, until: by.until, by });
        break;
      }
      case 'block.cut':
        this.#completions.cut(event);
        this.#open.cut(event);
        break;
      case 'flush.start':
        this.#open.begin(event, this.#steady, this.#completions.take(event.block));
        break;
      case 'attempt':
        this.#open.sent(event);
        if (event.outcome === 'ok') this.#answered(event);
        break;
      case 'edge':
        this.#open.seen(event);
        break;
      case 'lateness':
        this.#blocked.see(event);
        this.#busy.see(event);
        break;
      case 'flush.end':
        this.#end(event);
        break;
      case 'writer.process':
        if (event.what === 'killed' || event.what === 'stopped') this.#died(event.t, new Set(event.writers));
        break;
    }
  };

  #died(t: number, writers: ReadonlySet<string>): void {
    this.#open.died(writers);
    this.#completions.over(t, writers);
  }

  #end(end: FlushEndEvent): void {
    const flush = this.#open.end(end);
    if (!flush) return;
    if (this.#plain.pass(flush)) {
      this.#hold(flush, undefined);
      this.#open.delete(flush);
    } else {
      this.#ended.push(flush);
    }
  }

  #answered({ start, t }: AttemptEvent): void {
    for (const flush of this.#ended) {
      if (flush.end.outcome === 'fail' && start >= flush.end.t) flush.answeredAfter ??= t;
    }
  }

  /** Takes the account of flushes of which no more will be told. */
  #settle(): void {
    const now = this.#batch.t;
    const isOver = ({ end }: EndedFlush) => end.t + this.#patience < now;
    const [first] = this.#ended;
    if (!first || !isOver(first)) return;
    const over = this.#ended.filter(isOver);
    this.#ended = this.#ended.filter((flush) => !isOver(flush));
    for (const flush of over) this.#account(flush);
    const since = this.#open.since(now);
    this.#blocked.forget(since);
    this.#busy.forget(this.#completions.since(since));
  }

  #account(flush: EndedFlush): void {
    const { start, end, ready, attempts, edges, steady, completions } = flush;
    this.#open.delete(flush);
    const seen: Seen[] = attempts.map((attempt) => ({ attempt, edge: edges.get(attempt.id) }));
    const works = cutFlush(start.t, end.t, seen, this.#blocked.of(start, end.t));
    if (end.outcome === 'ok') this.#usual.learn(works, steady);
    const account: Account = {
      start,
      end,
      works,
      sent: attempts.length,
      failed: attempts.filter(({ outcome }) => outcome !== 'ok').length,
      failedBy: end.outcome === 'fail' && !wasStopped(end) ? whatFailed(flush, this.#compression) : undefined,
      completions,
      queued: [...this.#waitsOf(completions), ...this.#queues.waitFor(start, ready ?? start.t, start.t)],
      busyMs: this.#busy.lateIn(readyOf(completions, ready ?? start.t), end.t),
    };
    const kept = this.#weighing.add(account);
    this.#hold(flush, kept ? account : undefined);
  }

  #hold({ start, end }: EndedFlush, by: Account | undefined): void {
    this.#queues.hold(start, { from: start.t, until: end.t, by });
  }

  #weigh(): Weighed & { unflushed: WeighedUnflushed[] } {
    this.#batch.take(this.#take);
    for (const flush of this.#ended.splice(0)) this.#account(flush);
    // Of a history that ends before its run did.
    this.#completions.over(this.#batch.t);
    const unflushed = this.#completions.unflushed().flatMap(({ block, completions }) => {
      const until = completions.at(-1)?.until ?? 0;
      const dues = this.#weighing.weighUnflushed({
        completions,
        queued: this.#waitsOf(completions),
        busyMs: this.#busy.lateIn(readyOf(completions, until), until),
      });
      return dues ? [{ block, dues }] : [];
    });
    return { ...this.#weighing.weigh(), unflushed };
  }

  #waitsOf(completions: readonly Completion[]): Waited[] {
    return completions.flatMap((one) => this.#queues.waitFor(this.#queueOf(one), one.ready, one.from));
  }

  #queueOf({ writer, queue }: Completion) {
    return { writer, queue, ofCompletions: !this.#sharesQueues };
  }
}

/** A block that no flush was begun of, and what it lost. */
interface WeighedUnflushed {
  block: string;
  dues: Dues;
}

/** When a block could first have been worked on. */
function readyOf([first]: readonly Completion[], ready: number): number {
  return Math.min(first?.ready ?? ready, ready);
}

const reads: ReadonlySet<string> = new Set(Attribution.reads);

/** The blame of a whole history, and of each flush that failed or was slow. */
export async function attribute(
  events: Iterable<HistoryEvent> | AsyncIterable<HistoryEvent>,
): Promise<{ blame: Blame; waterfalls: Waterfall[] }> {
  let attribution: Attribution | undefined;
  const early: HistoryEvent[] = [];
  for await (const event of events) {
    if (attribution) attribution.see(event);
    else {
      early.push(event);
      if (event.type !== 'scenario') continue;
      attribution = new Attribution({ compression: event.compression });
      for (const first of early.splice(0)) attribution.see(first);
    }
  }
  if (!attribution)
    throw new Error('attribute: no scenario event in the history: it is not whole, run the scenario again');
  return { blame: attribution.blame(), waterfalls: attribution.waterfalls() };
}
