/**
 * How many requests were sent for how many that were needed.
 *
 * 1. Only requests that write, for an object of a block, are counted.
 * 2. *Sent* is every attempt of one.
 * 3. *Needed* is what a run without faults sends for the same blocks: each (operation, key, part) once, however many flushes sent
 *    it. A block that is in S3 has had them all; one that is not counts with those that were reached, so that what it cost is
 *    not hidden behind requests that nobody sent. An AbortMultipartUpload is never needed.
 */
import type { AttemptEvent, BlockCutEvent, HistoryEvent, S3Operation } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { BlockIndex, objectName } from './block-index.ts';

const needed: readonly S3Operation[] = ['PutObject', 'CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload'];
const writing: readonly S3Operation[] = [...needed, 'AbortMultipartUpload'];

/** An attempt of a request that writes an object of a block, or gives its upload up. */
export function writes({ operation }: Pick<AttemptEvent, 'operation'>): boolean {
  return writing.includes(operation);
}

/** An attempt of a request that a run without faults sends too. */
export function isNeeded({ operation }: Pick<AttemptEvent, 'operation'>): boolean {
  return needed.includes(operation);
}

let last: { event: AttemptEvent; request: string } | undefined;

/** Tells the requests of one block apart. Several ask for that of the same attempt: the last is kept. */
export function requestOf(event: AttemptEvent): string {
  if (last?.event !== event) {
    const { operation, partNumber, key } = event;
    last = { event, request: `${operation} ${partNumber ?? ''} ${objectName(key)}` };
  }
  return last.request;
}

export interface RequestCounts {
  needed: number;
  /** Attempts. */
  sent: number;
  /** Attempts that were not the first of their request. */
  retries: number;
}

export class RequestTally {
  static readonly reads = ['block.cut', 'attempt', 'flush.end'] as const satisfies Reads;

  /** The distinct requests of blocks that are not in S3 yet. Kept no longer: a history may have a million. */
  readonly #open = new BlockIndex<Set<string>>();
  readonly #cuts = new Map<string, Pick<BlockCutEvent, 'block' | 'keyPrefix'>>();
  #needed = 0;
  #sent = 0;
  #retries = 0;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'block.cut':
        this.#cuts.set(event.block, { block: event.block, keyPrefix: event.keyPrefix });
        // A block cut again (a replay) needs the same requests.
        this.#open.add(event, this.#open.ofBlock(event.block) ?? new Set());
        break;
      case 'attempt':
        if (writes(event)) this.#attempted(event);
        break;
      case 'flush.end': {
        const cut = this.#cuts.get(event.block);
        const requests = this.#open.ofBlock(event.block);
        if (event.outcome !== 'ok' || !cut || !requests) return;
        this.#needed += requests.size;
        this.#open.delete(cut);
        this.#cuts.delete(event.block);
        break;
      }
    }
  }

  counts(): RequestCounts {
    const reached = this.#open.all().reduce((sum, requests) => sum + requests.size, 0);
    return { needed: this.#needed + reached, sent: this.#sent, retries: this.#retries };
  }

  #attempted(event: AttemptEvent): void {
    const requests = this.#open.ofKey(event.key);
    // Not an object of a block, or of one that is in S3.
    if (!requests) return;
    this.#sent++;
    if (event.attempt > 1) this.#retries++;
    if (isNeeded(event)) requests.add(requestOf(event));
  }
}
