/**
 * Who is to blame for what was lost: over a history, in one pass.
 *
 * 1. Attempts, and what the S3 edge saw of them, are kept for as long as the flush that they belong to (by the block in the key, and by the
 *    time at which they began) may still be told more of.
 * 2. Events of one moment are taken together, so that their order makes no difference.
 * 3. Some time after its end a flush is cut into pieces (flush-time.ts), and its attempts are forgotten. What went well goes into what is
 *    usual (usual.ts).
 * 4. Flushes that neither failed nor seem slow by what is usual so far are forgotten too; the others are weighed at the end (flush-blame.ts).
 * 5. A block that waited for one of the writer's queues: due to the flush that held the queue, if that failed, or if the writer has as many
 *    queues as Tempo sets up; else, and for what that flush takes at its best, to the client's concurrency.
 *
 * Reads nothing that only the injector of a fault knows: `hideFaults` changes nothing.
 */
import type { CheckContext } from '../../checkers/checker.ts';
import { configTime } from '../../checkers/config-time.ts';
import type {
  AttemptEvent,
  FlushEndEvent,
  FlushStartEvent,
  HistoryEvent,
  LatenessEvent,
} from '../../history/events.ts';
import { Moments } from '../moments.ts';
import type { Blame } from './blame.ts';
import { type Due, due, dueTo, isWorthRetrying } from './due.ts';
import { Dues, type FlushLoss, type FlushTime, lossOf } from './flush-blame.ts';
import { type Blocked, cutFlush, type Seen, type Work } from './flush-time.ts';
import { type Pieces, pieces } from './piece.ts';
import { PlainFlushes } from './plain-flushes.ts';
import { type SeenEdge, seenEdge } from './seen-edge.ts';
import { Usual } from './usual.ts';
import type { Waterfall } from './waterfall.ts';

/** Milliseconds as they pass: a report of lateness covers half a second, and a gateway under load is late with its own. */
const MORE_IS_TOLD_MS = 2000;
/** Tempo's wait before it flushes a block again, and some: the config's time. */
const SOON_MS = 40_000;
/** `flush_op_timeout` as Tempo 2 sets it up; what is ended a little earlier was ended by it. */
const TEMPOS_DEADLINE_MS = 5 * 60_000;
const NEARLY = 0.95;
/** minio-go's (docs/clients.md). */
const TEMPOS_ATTEMPTS = 10;
/** `concurrent_flushes` of Tempo 2; Tempo 3 has two. */
const TEMPOS_QUEUES = { '3.0': 2, usual: 4 };
/** Less is the noise of a machine: milliseconds as they pass. */
const LEAST_LOST_MS = 50;
/** Attempts that are kept to be weighed at the end. Flushes before them are weighed by what is usual by then. */
const KEPT_ATTEMPTS = 50_000;
/** Reports of lateness that are less than this are those of any process. */
const LEAST_SHARE = 0.02;

/** One flush that has ended, or goes on. */
interface Flush {
  start: FlushStartEvent;
  end?: FlushEndEvent;
  /** When its block could have been flushed: cut, or the wait after the last flush was over. */
  ready: number | undefined;
  steady: boolean;
  attempts: AttemptEvent[];
  edges: Map<string, SeenEdge>;
  /** Of its block; 0: not known. */
  objects: number;
  /** When an attempt that was begun after it had ended was answered well. */
  answeredAfter?: number;
}

type EndedFlush = Flush & { end: FlushEndEvent };

/** One that has been cut into pieces. */
interface Account {
  start: FlushStartEvent;
  end: FlushEndEvent;
  works: Work[];
  sent: number;
  failed: number;
  failedBy: FlushTime['failed'] | undefined;
  /** Milliseconds in a queue, by the flush that held it; `undefined`: one that had no trouble. */
  queued: { ms: number; behind: Account | undefined }[];
}

/** Of one writer's queue: what it was busy with. */
interface Held {
  from: number;
  until: number;
  account: Account | undefined;
}

export class Attribution {
  readonly #compression: CheckContext['compression'];
  /** More may be told of a flush for so long after its end. */
  readonly #patience: number;
  readonly #moments: Moments;
  readonly #usual = new Usual();
  readonly #plain = new PlainFlushes();
  readonly #batch: HistoryEvent[] = [];
  #now = Number.NEGATIVE_INFINITY;
  #steady = false;
  #fewQueues = false;
  /** By block: the flushes of which more may be told, in the order of time. */
  readonly #open = new Map<string, Flush[]>();
  /** Those that have ended, in the order of time. */
  #ended: EndedFlush[] = [];
  readonly #readySince = new Map<string, number>();
  /** How many each block has that is not flushed yet. */
  readonly #objects = new Map<string, number>();
  #lateness: LatenessEvent[] = [];
  readonly #queues = new Map<string, Held[]>();
  #accounts: Account[] = [];
  /** Attempts of them. */
  #kept = 0;
  readonly #weighed = { dues: new Dues(), flushes: 0 };

  constructor({ compression }: Pick<CheckContext, 'compression'>) {
    this.#compression = compression;
    this.#patience = Math.max(MORE_IS_TOLD_MS, SOON_MS / compression.time);
    this.#moments = new Moments({ compression });
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
      case 'phase':
      case 'block.cut':
      case 'flush.start':
      case 'flush.end':
      case 'attempt':
      case 'edge':
      case 'lateness':
      case 'writer.process':
        break;
      default:
        return;
    }
    if (event.t > this.#now) {
      this.#takeBatch();
      this.#now = event.t;
      this.#settle(event.t);
    }
    this.#batch.push(event);
  }

  /** For the run. */
  blame(): Blame {
    const { losses, dues, flushes } = this.#weigh();
    const all = new Dues();
    all.merge(dues);
    for (const { loss } of losses) all.merge(loss.dues);
    return this.#blame(all, flushes + losses.length);
  }

  /** For the flushes of these blocks. */
  blameOf(blocks: Iterable<string>): Blame {
    const wanted = new Set(blocks);
    const own = this.#weigh().losses.filter(({ account }) => wanted.has(account.start.block));
    const all = new Dues();
    for (const { loss } of own) all.merge(loss.dues);
    return this.#blame(all, own.length);
  }

  /** Of each flush that failed or was slow, in the order in which they ended; the first ones of very many are left out. */
  waterfalls(): Waterfall[] {
    return this.#weigh().losses.map(({ account, loss, queuedMs }) => this.#waterfall(account, loss, queuedMs));
  }

  #waterfall({ start, end, sent, failed }: Account, loss: FlushLoss, queuedMs: number): Waterfall {
    const ms = (duration: number) => configTime(duration, this.#compression);
    return {
      writer: start.writer,
      block: start.block,
      attempt: start.attempt,
      outcome: end.outcome,
      deadlineExceeded: end.deadlineExceeded,
      ...(end.error !== undefined && { error: end.error }),
      startedAt: this.#moments.of(start.t),
      durationMs: ms(end.t - start.t),
      queuedMs: ms(queuedMs),
      attempts: { sent, failed },
      rows: pieces
        .filter((piece) => loss.taken[piece])
        .map((piece) => ({ piece, ms: ms(loss.taken[piece] ?? 0), usualMs: ms(loss.usual[piece] ?? 0) })),
      blame: this.#blame(loss.dues, 1),
    };
  }

  #blame(dues: Dues, flushes: number): Blame {
    const total = dues.total;
    const causes = dues.list().map(({ side, cause, ms }) => ({
      side,
      cause,
      share: ms / total,
      ms: configTime(ms, this.#compression),
    }));
    return { lostMs: configTime(total, this.#compression), flushes, causes };
  }

  #takeBatch(): void {
    const events = this.#batch;
    if (events.length > 1) events.sort((a, b) => rankOf(a) - rankOf(b) || (nameOf(a) < nameOf(b) ? -1 : 1));
    for (const event of events) this.#take(event);
    events.length = 0;
  }

  #take(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#moments.see(event);
        this.#fewQueues = hasFewQueues(event.settings);
        break;
      case 'phase':
        this.#moments.see(event);
        this.#steady = event.phase === 'steady-state';
        break;
      case 'block.cut':
        this.#readySince.set(event.block, event.t);
        this.#objects.set(event.block, event.objects.length);
        break;
      case 'flush.start':
        this.#begin(event);
        break;
      case 'attempt': {
        const flush = this.#flushAt(blockOf(event.key), event.start);
        flush?.attempts.push(event);
        if (event.outcome === 'ok') this.#answered(event);
        break;
      }
      case 'edge':
        if (event.id !== undefined)
          this.#flushAt(blockOf(event.key), event.start)?.edges.set(event.id, seenEdge(event));
        break;
      case 'lateness':
        if (event.process === 'subject' && event.totalMs > event.intervalMs * LEAST_SHARE) this.#lateness.push(event);
        break;
      case 'flush.end':
        this.#end(event);
        break;
      case 'writer.process':
        if (event.what === 'killed' || event.what === 'stopped') this.#died(new Set(event.writers));
        break;
    }
  }

  /** Flushes that were under way have no end. */
  #died(writers: ReadonlySet<string>): void {
    for (const [block, flushes] of this.#open) {
      const left = flushes.filter(({ start, end }) => end !== undefined || !writers.has(start.writer));
      if (left.length > 0) this.#open.set(block, left);
      else this.#open.delete(block);
    }
  }

  #begin(start: FlushStartEvent): void {
    const { block } = start;
    const flushes = this.#open.get(block) ?? [];
    // One that never ended was under way in a process that did.
    const ended = flushes.filter(({ end }) => end !== undefined);
    const ready = this.#readySince.get(block);
    this.#readySince.delete(block);
    const flush = {
      start,
      ready,
      steady: this.#steady,
      attempts: [],
      edges: new Map(),
      objects: this.#objects.get(block) ?? 0,
    };
    this.#open.set(block, [...ended, flush]);
  }

  #end(end: FlushEndEvent): void {
    const flush = this.#open.get(end.block)?.at(-1);
    if (!flush || flush.end) return;
    flush.end = end;
    if (end.outcome === 'fail' && end.retryIn !== undefined) this.#readySince.set(end.block, end.t + end.retryIn);
    if (end.outcome === 'ok') this.#objects.delete(end.block);
    const ended = flush as EndedFlush;
    if (this.#isPlain(ended)) {
      this.#holdQueue(ended.start, end, undefined);
      this.#openWithout(flush);
    } else if (wasStopped(end)) {
      this.#openWithout(flush);
    } else {
      this.#ended.push(ended);
    }
  }

  #openWithout(flush: Flush): void {
    const { block } = flush.start;
    const left = (this.#open.get(block) ?? []).filter((other) => other !== flush);
    if (left.length > 0) this.#open.set(block, left);
    else this.#open.delete(block);
  }

  #flushAt(block: string, t: number): Flush | undefined {
    return this.#open.get(block)?.find(({ start, end }) => start.t <= t && (end === undefined || t < end.t));
  }

  #answered({ start, t }: AttemptEvent): void {
    for (const flush of this.#ended) if (start >= flush.end.t) flush.answeredAfter ??= t;
  }

  /** Takes the account of flushes of which no more will be told. */
  #settle(now: number): void {
    const [first] = this.#ended;
    if (!first || first.end.t + this.#patience >= now) return;
    const over = ({ end }: EndedFlush) => end.t + this.#patience < now;
    const settled = this.#ended.filter(over);
    this.#ended = this.#ended.filter((flush) => !over(flush));
    for (const flush of settled) this.#account(flush);
    this.#forget();
  }

  #account(flush: EndedFlush): void {
    const { start, end, edges } = flush;
    this.#openWithout(flush);
    const seen: Seen[] = flush.attempts.map((attempt) => ({ attempt, edge: edges.get(attempt.id) }));
    const works = cutFlush(start.t, end.t, seen, this.#blocked(start, end.t));
    if (end.outcome === 'ok') this.#learn(works, flush.steady);
    const account: Account = {
      start,
      end,
      works,
      sent: seen.length,
      failed: flush.attempts.filter(({ outcome }) => outcome !== 'ok').length,
      failedBy: end.outcome === 'fail' ? this.#failedBy(flush) : undefined,
      queued: this.#queued(flush),
    };
    const { loss, queuedMs } = this.#lossOf(account);
    const kept = this.#matters(account, loss, queuedMs, 2);
    this.#holdQueue(start, end, kept ? account : undefined);
    if (!kept) return;
    this.#accounts.push(account);
    this.#kept += account.sent;
    // Not one by one: that moves all that follow.
    if (this.#kept > KEPT_ATTEMPTS) this.#weighOldest();
  }

  #weighOldest(): void {
    for (const oldest of this.#accounts.splice(0, Math.ceil(this.#accounts.length / 2))) {
      this.#kept -= oldest.sent;
      const { loss, queuedMs } = this.#lossOf(oldest);
      if (!this.#matters(oldest, loss, queuedMs)) continue;
      this.#weighed.dues.merge(loss.dues);
      this.#weighed.flushes++;
    }
  }

  #isPlain({ start, end, ready = start.t, attempts }: EndedFlush): boolean {
    if (end.outcome === 'fail' || start.t - ready >= LEAST_LOST_MS) return false;
    if (attempts.some(({ outcome }) => outcome !== 'ok')) return false;
    const took = end.t - start.t;
    if (this.#plain.mayPass(attempts.length, took)) return true;
    this.#plain.add(attempts.length, took);
    return false;
  }

  #learn(works: readonly Work[], steady: boolean): void {
    for (const { due: why, kind, count, bytes, full } of works) {
      if (why) continue;
      this.#usual.add(kind, count === 1 ? full : shareOf(full, count), bytes, steady);
    }
  }

  #failedBy(flush: EndedFlush): NonNullable<FlushTime['failed']> {
    const { deadlineExceeded, retryIn = 0 } = flush.end;
    const by = deadlineExceeded ? undefined : whatFailed(flush);
    const early = deadlineExceeded ? this.#deadlineTooShort(flush) : this.#gaveUpEarly(flush);
    const which = deadlineExceeded ? 'deadline' : 'attempts';
    return { deadlineExceeded, retryIn, ...(by && { by }), ...(early && { early: which }) };
  }

  /** Nothing failed, and at the pace at which it went on it would have been done within Tempo's own deadline. */
  #deadlineTooShort({ start, end, attempts, objects, edges }: EndedFlush): boolean {
    const patience = TEMPOS_DEADLINE_MS / this.#compression.time;
    const taken = end.t - start.t;
    if (taken > patience * NEARLY || attempts.some((attempt) => dueTo(attempt, edges.get(attempt.id)))) return false;
    const done = attempts.filter(({ outcome }) => outcome === 'ok').length;
    const begun = new Set(attempts.map(({ key }) => key)).size;
    const needed = attempts.length + Math.max(0, objects - begun);
    return done > 0 && (taken * needed) / done <= patience;
  }

  #gaveUpEarly({ attempts, end, answeredAfter }: EndedFlush): boolean {
    if (answeredAfter === undefined || answeredAfter > end.t + SOON_MS / this.#compression.time) return false;
    return lastOfEach(attempts).some(
      (attempt) => isWorthRetrying(attempt) && attempt.retryIn === undefined && attempt.attempt < TEMPOS_ATTEMPTS,
    );
  }

  #blocked({ writer, t }: FlushStartEvent, until: number): Blocked[] {
    return this.#lateness
      .filter((late) => late.t > t && late.t - late.intervalMs < until)
      .filter((late) => late.writer === undefined || late.writer === writer)
      .map(({ t: told, totalMs, intervalMs }) => ({
        from: told - intervalMs,
        until: told,
        share: Math.min(1, totalMs / intervalMs),
      }));
  }

  #queued({ start, ready }: Flush): Account['queued'] {
    if (ready === undefined || ready >= start.t) return [];
    const queued: Account['queued'] = [];
    for (const { from, until, account } of this.#queues.get(queueOf(start)) ?? []) {
      const ms = Math.min(until, start.t) - Math.max(from, ready);
      if (ms > 0) queued.push({ ms, behind: account });
    }
    return queued;
  }

  #holdQueue(start: FlushStartEvent, end: FlushEndEvent, account: Account | undefined): void {
    const queue = queueOf(start);
    const held = this.#queues.get(queue) ?? [];
    held.push({ from: start.t, until: end.t, account });
    this.#queues.set(queue, held.slice(-HELD));
  }

  /** What is of no use for any flush that goes on. */
  #forget(): void {
    let earliest = this.#now;
    for (const [flush] of this.#open.values()) if (flush) earliest = Math.min(earliest, flush.start.t);
    this.#lateness = this.#lateness.filter(({ t }) => t > earliest);
  }

  #weigh(): { losses: { account: Account; loss: FlushLoss; queuedMs: number }[]; dues: Dues; flushes: number } {
    this.#takeBatch();
    for (const flush of this.#ended.splice(0)) this.#account(flush);
    const losses = this.#accounts
      .map((account) => ({ account, ...this.#lossOf(account) }))
      .filter(({ account, loss, queuedMs }) => this.#matters(account, loss, queuedMs));
    return { losses, ...this.#weighed };
  }

  /** It failed, or lost as much as it takes without trouble. `early`: so many times less is enough while more may become known. */
  #matters({ start, end }: Account, { dues }: FlushLoss, queuedMs: number, early = 1): boolean {
    if (end.outcome === 'fail') return true;
    const lost = dues.total;
    const rest = Math.max(0, end.t - start.t + queuedMs - lost);
    return lost * early >= Math.max(LEAST_LOST_MS, rest);
  }

  #lossOf(account: Account): { loss: FlushLoss; queuedMs: number } {
    const loss = this.#ownLoss(account);
    let queuedMs = 0;
    for (const { ms, behind } of account.queued) {
      queuedMs += ms;
      this.#addQueued(loss.dues, ms, behind);
    }
    return { loss, queuedMs };
  }

  #ownLoss({ start, end, works, failedBy }: Account): FlushLoss {
    return lossOf({ works, duration: end.t - start.t, ...(failedBy && { failed: failedBy }) }, this.#usual);
  }

  #addQueued(dues: Dues, ms: number, behind: Account | undefined): void {
    const concurrency = due('client', 'concurrency');
    if (!behind || (this.#fewQueues && behind.end.outcome === 'ok')) {
      dues.add(concurrency, ms);
      return;
    }
    const held = this.#ownLoss(behind).dues;
    const share = Math.min(1, held.total / (behind.end.t - behind.start.t));
    dues.merge(held, (ms * share) / held.total);
    dues.add(concurrency, ms * (1 - share));
  }
}

/** In Go's words: the writer was told to stop. What its flushes took says nothing. */
function wasStopped({ outcome, deadlineExceeded, error }: FlushEndEvent): boolean {
  return outcome === 'fail' && !deadlineExceeded && (error?.endsWith('context canceled') ?? false);
}

/** The last attempt of each request. */
function lastOfEach(attempts: readonly AttemptEvent[]): AttemptEvent[] {
  const last = new Map<string, AttemptEvent>();
  for (const attempt of attempts) {
    const known = last.get(attempt.request);
    if (!known || known.attempt < attempt.attempt) last.set(attempt.request, attempt);
  }
  return [...last.values()];
}

/** The first request that was given up. Where none was, the writer could not read what it was to send. */
function whatFailed({ attempts, edges }: EndedFlush): Due {
  const dues = lastOfEach(attempts)
    .sort((a, b) => a.t - b.t || (a.id < b.id ? -1 : 1))
    .map((attempt) => attempt.retryIn === undefined && dueTo(attempt, edges.get(attempt.id)));
  const [first] = dues.filter((one) => one !== false && one !== undefined);
  return first || due('machine', 'disk');
}

/** Of one queue, that a block may have waited behind. */
const HELD = 64;

function queueOf({ writer, queue }: FlushStartEvent): string {
  return `${writer} ${queue}`;
}

function shareOf(full: Pieces, count: number): Pieces {
  return Object.fromEntries(Object.entries(full).map(([piece, ms]) => [piece, ms / count]));
}

/** The folder that an object is in. */
function blockOf(key: string): string {
  const end = key.lastIndexOf('/');
  return key.slice(key.lastIndexOf('/', end - 1) + 1, end);
}

/** What a moment begins is there for what else it brings. */
const rank: Partial<Record<HistoryEvent['type'], number>> = {
  scenario: 0,
  phase: 0,
  'writer.process': 1,
  'block.cut': 1,
  'flush.start': 2,
  edge: 3,
  attempt: 3,
  lateness: 3,
  'flush.end': 4,
};

function rankOf({ type }: HistoryEvent): number {
  return rank[type] ?? 0;
}

/** Tells events of one kind and moment apart. */
function nameOf(event: HistoryEvent): string {
  if ('id' in event && event.id !== undefined) return event.id;
  if ('block' in event && event.block !== undefined) return event.block;
  return 'writer' in event && event.writer !== undefined ? event.writer : '';
}

/** From the settings as the writer got them; they are of no fixed form in a history. */
function hasFewQueues(settings: unknown): boolean {
  const { version, policy } = (settings ?? {}) as { version?: unknown; policy?: { concurrentFlushes?: unknown } };
  const queues = policy?.concurrentFlushes;
  return typeof queues === 'number' && queues < (version === '3.0' ? TEMPOS_QUEUES['3.0'] : TEMPOS_QUEUES.usual);
}

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
