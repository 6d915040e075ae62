/** How fast a writer's load becomes blocks: what the timeline, the steady state and the drain reckon with. */
import type { TempoSettings } from '../tempo/settings.ts';
import type { Load } from './load.ts';

export interface LoadPace {
  /** Bytes a second that are taken in. */
  takenIn: number;
  /** Milliseconds of the load that make one block. */
  untilCut: number;
  /**
   * What comes on top of that until a block is cut, at most: a trace is in memory until it is idle, is written to the WAL at the next sweep, and
   * the block is cut at one.
   */
  untilSwept: number;
}

/** Load and settings are both compressed, or neither is. `limit`: bytes a second beyond which data is refused. */
export function loadPace(
  { rate, traceLength }: Pick<Load, 'rate' | 'traceLength'>,
  { blocks, policy }: Pick<TempoSettings, 'blocks' | 'policy'>,
  limit = Number.POSITIVE_INFINITY,
): LoadPace {
  const takenIn = Math.min(rate, limit);
  const live = Math.min(traceLength + blocks.traceIdlePeriod, blocks.traceLivePeriod);
  return {
    takenIn,
    untilCut: Math.min((blocks.maxBlockBytes / takenIn) * 1000, blocks.maxBlockDuration),
    untilSwept: live + 2 * policy.flushCheckPeriod,
  };
}
