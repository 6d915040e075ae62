/**
 * What flushes lost, by what is usual so far. A flush that neither failed nor seems slow is forgotten, and all others are weighed at the end;
 * of very many, the oldest are weighed before.
 */
import type { Account, Holder } from './account.ts';
import { Completion, lostBy } from './completions.ts';
import { due } from './due.ts';
import { Dues, type FlushLoss, lossOf } from './flush-blame.ts';
import type { Usual } from './usual.ts';
import { wasStopped } from './what-failed.ts';

/** Less is the noise of a machine: milliseconds as they pass. */
export const LEAST_LOST_MS = 50;
/**
 * So many milliseconds more for each that the gateway was late: 91 flushes of healthy runs, many side by side on two cores, lost 1.5 at the
 * median, and four of five less than this.
 */
const NOISE_OF_LATENESS = 2;
const ofCompletions = due('machine', 'completing');
/** Attempts that are kept to be weighed at the end. Flushes before them are weighed by what is usual by then. */
const KEPT_ATTEMPTS = 50_000;

/**
 * What a flush lost; and the milliseconds that its block took to be completed before, and then waited for a queue: what of them was lost is in
 * its dues too.
 */
export interface Loss {
  account: Account;
  loss: FlushLoss;
  completing: { ms: number; usualMs: number };
  queuedMs: number;
}

/** What is known of a block before it is flushed. */
export type Block = Pick<Account, 'completions' | 'queued' | 'busyMs'>;

/** `dues`, `flushes`: of those that were weighed before. */
export interface Weighed {
  losses: Loss[];
  dues: Dues;
  flushes: number;
}

export class Weighing {
  /** A writer that has fewer queues than Tempo sets up. */
  fewQueues = false;
  readonly #usual: Usual;
  #accounts: Account[] = [];
  /** Attempts of them. */
  #kept = 0;
  readonly #before = { dues: new Dues(), flushes: 0 };

  constructor(usual: Usual) {
    this.#usual = usual;
  }

  /** Whether it is kept: as far as is known by now, it had trouble. */
  add(account: Account): boolean {
    if (!this.#matters(this.#lossOf(account), 2)) return false;
    this.#accounts.push(account);
    this.#kept += account.sent;
    // Not one by one: that moves all that follow.
    if (this.#kept > KEPT_ATTEMPTS) this.#weighOldest();
    return true;
  }

  weigh(): Weighed {
    const losses = this.#accounts.map((account) => this.#lossOf(account)).filter((loss) => this.#matters(loss));
    return { losses, ...this.#before };
  }

  /** What a block lost that no flush was begun of; `undefined`: it had no trouble. */
  weighUnflushed(block: Block): Dues | undefined {
    const dues = new Dues();
    const { completing, queuedMs } = this.#addBefore(dues, block);
    const lost = dues.total;
    return lost >= Math.max(leastLost(block), completing.ms + queuedMs - lost) ? dues : undefined;
  }

  #weighOldest(): void {
    for (const oldest of this.#accounts.splice(0, Math.ceil(this.#accounts.length / 2))) {
      this.#kept -= oldest.sent;
      const lost = this.#lossOf(oldest);
      if (!this.#matters(lost)) continue;
      this.#before.dues.merge(lost.loss.dues);
      this.#before.flushes++;
    }
  }

  /** It failed, or lost as much as it takes without trouble. `early`: so many times less is enough while more may become known. */
  #matters({ account, loss: { dues }, completing, queuedMs }: Loss, early = 1): boolean {
    const { start, end } = account;
    // One that was stopped did not fail: what it had lost until then is what counts.
    if (end.outcome === 'fail' && !wasStopped(end)) return true;
    const lost = dues.total;
    const rest = Math.max(0, completing.ms + queuedMs + end.t - start.t - lost);
    return lost * early >= Math.max(leastLost(account), rest);
  }

  #lossOf(account: Account): Loss {
    const loss = this.#ownLoss(account);
    return { account, loss, ...this.#addBefore(loss.dues, account) };
  }

  /** What a block lost before its first flush. */
  #addBefore(dues: Dues, { completions, queued }: Block) {
    let queuedMs = 0;
    for (const { ms, behind } of queued) {
      queuedMs += ms;
      this.#addQueued(dues, ms, behind);
    }
    const ms = completions.reduce((sum, one) => sum + one.ms, 0);
    const lost = lostBy(completions);
    dues.add(ofCompletions, lost);
    return { completing: { ms, usualMs: ms - lost }, queuedMs };
  }

  #ownLoss({ start, end, works, failedBy }: Account): FlushLoss {
    return lossOf({ works, duration: end.t - start.t, ...(failedBy && { failed: failedBy }) }, this.#usual);
  }

  #addQueued(dues: Dues, ms: number, behind: Holder): void {
    const { held, took, failed } = this.#heldBy(behind);
    const share = this.fewQueues && !failed ? 0 : Math.min(1, held.total / took);
    if (share > 0) dues.merge(held, (ms * share) / held.total);
    dues.add(due('client', 'concurrency'), ms * (1 - share));
  }

  /** What of its time that lost which held a queue. */
  #heldBy(behind: Holder): { held: Dues; took: number; failed: boolean } {
    if (!behind) return { held: new Dues(), took: 1, failed: false };
    if (behind instanceof Completion) {
      const { lost, ms, failed } = behind;
      return { held: new Dues().add(ofCompletions, lost), took: ms, failed };
    }
    const { start, end } = behind;
    return { held: this.#ownLoss(behind).dues, took: end.t - start.t, failed: end.outcome === 'fail' };
  }
}

/** However late the machine was, it failed nothing. */
function leastLost({ works = [], completions, busyMs }: Block & Partial<Pick<Account, 'works'>>): number {
  const failed = works.some(({ due }) => due) || completions.some((completion) => completion.failed);
  return LEAST_LOST_MS + (failed ? 0 : busyMs * NOISE_OF_LATENESS);
}
