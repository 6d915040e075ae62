/**
 * Which blocks a compactor puts together, and in which order, as Tempo 2.9 chooses them (its time window block selector):
 *
 * 1. A block belongs to the window that its end is in. Windows are counted from 1970.
 * 2. Windows of the last 24 hours are active: their blocks are compacted level by level, the lowest level and the latest window first.
 *    Older ones are compacted whatever their level, the latest window first. The window between the two is left alone.
 * 3. Within such a group the blocks with the fewest traces come first (in an old window: the lowest level first).
 * 4. A job takes neighbours of that order, 2 to 4 of them, as many as stay within the most traces and bytes that a block may have.
 * 5. A block that was looked at is not looked at again until the next cycle.
 */
import type { CompactionSettings } from '../tempo/settings.ts';
import type { StoredBlock } from './stored-block.ts';

/** Tempo's `DefaultMinInputBlocks` and `DefaultMaxInputBlocks`. */
const FEWEST_INPUTS = 2;
const MOST_INPUTS = 4;

export type SelectorLimits = Pick<CompactionSettings, 'window' | 'activeFor' | 'maxObjects' | 'maxBlockBytes'>;

export interface CompactionJob {
  /** In the order in which they are to be compacted. */
  inputs: StoredBlock[];
  /** What decides which compactor does it: jobs of one group never go to two of them. */
  ownerKey: string;
}

interface Candidate {
  block: StoredBlock;
  window: number;
  active: boolean;
}

/** The jobs of one cycle for one tenant. `blocks`: those that are not compacted yet. */
export function* selectJobs(
  tenant: string,
  blocks: readonly StoredBlock[],
  limits: SelectorLimits,
  now: Date,
): Generator<CompactionJob> {
  let left = candidates(blocks, limits, now);
  while (left.length > 0) {
    let from = 0;
    let chosen: Candidate[] = [];
    for (; from < left.length; from++) {
      chosen = stripe(left, from, limits);
      if (chosen.length >= FEWEST_INPUTS) break;
    }
    const [first] = chosen;
    if (from === left.length || !first) return;
    left = left.slice(from + chosen.length);
    yield { inputs: chosen.map(({ block }) => block), ownerKey: ownerKey(tenant, first) };
  }
}

/** Steps 1 to 3. */
function candidates(blocks: readonly StoredBlock[], { window, activeFor }: SelectorLimits, now: Date): Candidate[] {
  const windowOf = (at: number) => Math.floor(at / window);
  const firstActive = windowOf(now.getTime() - activeFor);
  return blocks
    .map((block) => {
      const own = windowOf(block.endTime.getTime());
      return { block, window: own, active: own > firstActive };
    })
    .filter((candidate) => candidate.window !== firstActive)
    .sort(inOrder);
}

function inOrder(a: Candidate, b: Candidate): number {
  const byLevel = a.block.compactionLevel - b.block.compactionLevel;
  const byWindow = b.window - a.window;
  return (
    Number(b.active) - Number(a.active) ||
    (a.active ? byLevel || byWindow : byWindow || byLevel) ||
    a.block.totalObjects - b.block.totalObjects
  );
}

/** Step 4: the neighbours from `from` on that fit together; at least the first. */
function stripe(left: readonly Candidate[], from: number, { maxObjects, maxBlockBytes }: SelectorLimits): Candidate[] {
  const first = left[from] as Candidate;
  const chosen = [first];
  let { totalObjects: objects, size: bytes } = first.block;
  for (const next of left.slice(from + 1, from + MOST_INPUTS)) {
    objects += next.block.totalObjects;
    bytes += next.block.size;
    if (!sameGroup(first, next) || objects > maxObjects || bytes > maxBlockBytes) break;
    chosen.push(next);
  }
  return chosen;
}

function sameGroup(a: Candidate, b: Candidate): boolean {
  return a.window === b.window && (!a.active || a.block.compactionLevel === b.block.compactionLevel);
}

function ownerKey(tenant: string, { block, window, active }: Candidate): string {
  return active ? `${tenant}-${block.compactionLevel}-${window}` : `${tenant}-${window}`;
}
