/**
 * What the reader that polls the bucket during the run saw of each block (scenario/blocklist-reader.ts): a witness beside the S3 edge.
 *
 * 1. A poll that found a block saw its meta.json, and after that which of its objects there were. What was missing then was missing to
 *    every reader: the block could be read incomplete.
 * 2. A poll that began when meta.json was in S3 finds the block, unless it was compacted or deleted since.
 * 3. A poll that failed says nothing.
 */
import type { BlockObject, HistoryEvent, PollEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { folderOf, objectName } from './object-key.ts';

const META = 'meta.json';
const MARK = 'meta.compacted.json';

/** Of every block that Tempo's compactor writes. */
const ALWAYS_WRITTEN = ['data.parquet', 'index'] as const;

export interface Sight {
  block: string;
  /** Moments of the history's clock: the poll's begin, and its end, by which all that was found was there. */
  start: number;
  t: number;
  /** Objects of the block that were not there, in the order of upload. */
  missing: string[];
}

export class PollWitness {
  static readonly reads = ['block.cut', 'edge', 'compaction', 'poll'] as const satisfies Reads;

  /** By the block's folder. */
  readonly #sights = new Map<string, Sight>();
  /** What was found of blocks that are not known yet: a compaction is told of when it is over. */
  readonly #unjudged = new Map<string, { start: number; t: number; block: string; names: Set<string> }>();
  /** What each block that was not seen yet is to have. */
  readonly #objects = new Map<string, string[]>();
  readonly #compactedFolders = new Set<string>();
  readonly #deleted = new Set<string>();
  readonly #unreadable: { key: string; problem: string }[] = [];
  /** Of the polls that succeeded, in order. */
  readonly #polls: { start: number; t: number }[] = [];
  #failed = 0;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'block.cut':
        this.#isToHave(event.keyPrefix, namesOf(event));
        break;
      case 'edge':
        // Asked for is enough: it may have been done.
        if (event.operation === 'DeleteObject' && objectName(event.key) === META)
          this.#deleted.add(folderOf(event.key));
        break;
      case 'compaction':
        // `objects`: what S3 acknowledged of it.
        this.#compactedFolders.add(event.keyPrefix);
        this.#isToHave(event.keyPrefix, [...new Set([...ALWAYS_WRITTEN, ...namesOf(event)])]);
        break;
      case 'poll':
        this.#polled(event);
        break;
    }
  }

  /** Polls in all, and those of them that failed. */
  get polls(): { all: number; failed: number } {
    return { all: this.#polls.length + this.#failed, failed: this.#failed };
  }

  /** Each meta.json that a reader makes nothing of, and why. */
  get unreadable(): readonly { key: string; problem: string }[] {
    return this.#unreadable;
  }

  /** The first sight of the block in this folder. `undefined`: none, or its objects are not known. */
  of(keyPrefix: string): Sight | undefined {
    return this.#sights.get(keyPrefix);
  }

  /** The first sights of blocks that compactors wrote. */
  ofCompacted(): Sight[] {
    return [...this.#compactedFolders].flatMap((folder) => this.#sights.get(folder) ?? []);
  }

  /** The poll that has to have found the block, and did not. @param visible since when meta.json was surely in S3 */
  overlookedBy(keyPrefix: string, visible: number): { start: number; t: number } | undefined {
    if (this.#deleted.has(keyPrefix)) return undefined;
    if (this.#unreadable.some(({ key }) => folderOf(key) === keyPrefix)) return undefined;
    const poll = this.#polls.find(({ start }) => start >= visible);
    const sight = this.#sights.get(keyPrefix);
    return poll && !(sight && sight.t <= poll.t) ? poll : undefined;
  }

  #polled({ start, t, found, unreadable = [], error }: PollEvent): void {
    if (error !== undefined) {
      this.#failed++;
      return;
    }
    this.#polls.push({ start, t });
    this.#unreadable.push(...unreadable);
    for (const { keyPrefix, block, objects } of found) {
      if (this.#sights.has(keyPrefix) || this.#unjudged.has(keyPrefix)) continue;
      const names = new Set(objects.map(({ name }) => name));
      const expected = this.#objects.get(keyPrefix);
      if (expected) this.#seen(keyPrefix, { block, start, t, missing: missingOf(expected, names) });
      else this.#unjudged.set(keyPrefix, { block, start, t, names });
    }
  }

  #isToHave(keyPrefix: string, expected: string[]): void {
    // A block cut again has the same objects.
    if (this.#sights.has(keyPrefix)) return;
    const early = this.#unjudged.get(keyPrefix);
    if (!early) {
      this.#objects.set(keyPrefix, expected);
      return;
    }
    this.#unjudged.delete(keyPrefix);
    const { names, ...sight } = early;
    this.#seen(keyPrefix, { ...sight, missing: missingOf(expected, names) });
  }

  #seen(keyPrefix: string, sight: Sight): void {
    this.#sights.set(keyPrefix, sight);
    this.#objects.delete(keyPrefix);
  }
}

function namesOf({ objects }: { objects: readonly BlockObject[] }): string[] {
  return objects.map(({ name }) => name);
}

/** A block that was compacted between its meta.json and the listing has a mark in its place. */
function missingOf(expected: readonly string[], found: ReadonlySet<string>): string[] {
  return expected.filter((name) => !found.has(name) && !(name === META && found.has(MARK)));
}
