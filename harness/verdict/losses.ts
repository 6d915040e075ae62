/**
 * The losses of a run by the way that they came about, with what was on the local disk then: the evidence for naming them.
 *
 * Loss by loss: a `data.lost` of the WAL is one, and a `block.dropped`. A block that was given up and made anew of its WAL, or that is in
 * S3 all the same, is left to who asks: it asks by the blocks that are lost.
 */
import type { Reads } from '../checkers/audience.ts';
import type { CheckContext } from '../checkers/checker.ts';
import { type DiskContent, LocalBacklog } from '../checkers/local-backlog.ts';
import { type WayOfLoss, wayOfLoss } from '../checkers/way-of-loss.ts';
import type { HistoryEvent } from '../history/events.ts';
import { Moments, type Span, widest } from './moments.ts';

/** All losses of some blocks that came about in one way. */
export interface NamedLoss {
  way: WayOfLoss;
  blocks: string[];
  /** Of the data, as they passed. 0: not known. */
  bytes: number;
  /** How many times. */
  count: number;
  when: Span;
  /** What the disk said: `ENOSPC`, `EIO`. Absent: nothing. */
  errno?: string;
  /** The last error, whole. */
  error?: string;
  /** What was on the disk when it struck first; of a full disk, when that refused the first write. */
  disk: DiskContent;
}

interface Loss {
  way: WayOfLoss;
  block: string;
  bytes: number;
  /** Of the history: the timeline, which moments count from, may not have begun yet. */
  t: number;
  error?: string;
  disk: DiskContent;
}

export class Losses {
  static readonly reads = [...LocalBacklog.reads, 'scenario', 'phase'] as const satisfies Reads;

  readonly #moments: Moments;
  readonly #backlog = new LocalBacklog();
  readonly #losses: Loss[] = [];
  /** The last error of each block's completions. */
  readonly #completions = new Map<string, string>();
  /** What was on each writer's disk when that refused the first write for want of room. */
  readonly #full = new Map<string, DiskContent>();

  constructor(context: Pick<CheckContext, 'compression'>) {
    this.#moments = new Moments(context);
  }

  see(event: HistoryEvent): void {
    this.#moments.see(event);
    switch (event.type) {
      case 'complete': {
        if (event.outcome === 'ok' || event.error === undefined) break;
        this.#completions.set(event.block, errorIn(event.error) ?? event.error);
        this.#contentAt(event.writer, event.error);
        break;
      }
      case 'data.lost':
        if (event.block !== undefined) this.#lost(event.writer, event.block, event.t, event.reason, event.bytes);
        break;
      case 'block.dropped':
        this.#lost(event.writer, event.block, event.t, event.reason, this.#backlog.bytesOf(event.block));
        break;
    }
    this.#backlog.see(event);
  }

  /** Bytes: see `LocalBacklog`. */
  get peakBacklog(): number {
    return this.#backlog.peak;
  }

  /** Those of these blocks, those of most bytes first. */
  of(blocks: Iterable<string>): NamedLoss[] {
    const asked = new Set(blocks);
    const named = new Map<WayOfLoss, NamedLoss>();
    for (const { way, block, bytes, t, error, disk } of this.#losses) {
      if (!asked.has(block)) continue;
      const when = this.#moments.span({ first: t, last: t });
      const known = named.get(way) ?? { way, blocks: [], bytes: 0, count: 0, when, disk };
      if (!known.blocks.includes(block)) known.blocks.push(block);
      const errno = errnoOf(error);
      named.set(way, {
        ...known,
        bytes: known.bytes + bytes,
        count: known.count + 1,
        when: widest(known.when, when),
        ...(error !== undefined && { error }),
        ...(errno !== undefined && { errno }),
      });
    }
    return [...named.values()].sort((a, b) => b.bytes - a.bytes);
  }

  #lost(writer: string, block: string, t: number, reason: string, bytes: number): void {
    const way = wayOfLoss(reason);
    const completion = way === 'completion' ? this.#completions.get(block) : undefined;
    const error = completion ?? errorIn(reason) ?? (way === 'other' ? reason : undefined);
    this.#losses.push({
      way,
      block,
      bytes,
      t,
      disk: this.#contentAt(writer, error),
      ...(error !== undefined && { error }),
    });
  }

  #contentAt(writer: string, error: string | undefined): DiskContent {
    const now = this.#backlog.contentOf(writer);
    if (!isFull(errnoOf(error))) return now;
    const content = this.#full.get(writer) ?? now;
    this.#full.set(writer, content);
    return content;
  }
}

/** Whether the disk refused for want of room. */
export function isFull(errno: string | undefined): boolean {
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

/** What the disk said, of `failed to cut traces: ENOSPC: no space left on device, write`. */
function errorIn(reason: string): string | undefined {
  return /\bE[A-Z]{2,}\b.*$/.exec(reason)?.[0]?.replace(/\)$/, '');
}

function errnoOf(error: string | undefined): string | undefined {
  return error === undefined ? undefined : /\bE[A-Z]{2,}\b/.exec(error)?.[0];
}
