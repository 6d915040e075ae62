/** From a drawn timeline to a scenario that runs in seconds: compressed, with a block cut each ten seconds of the config's time. */
import { Compression, CompressionError } from '../scenario/compression.ts';
import type { ScenarioInput } from '../scenario/scenario.ts';
import { formatRate } from '../tempo/byte-size.ts';
import { SMALLEST_PART } from '../tempo/defaults.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { type Drawn, type DrawnEntry, endOf } from './drawn.ts';
import { partSizeKey } from './repertoire.ts';
import type { Room } from './room.ts';

/** The first that the config's durations allow. Twenty is what the demonstrations of most faults run with. */
const TIMES = [20, 10, 5, 4, 2, 1];
/** A block's data as it is sent: small, so that many scenarios run side by side; or large enough for two parts. */
const BLOCK_BYTES = 2_600_000;
const BLOCK_OF_PARTS_BYTES = SMALLEST_PART + 1_300_000;
/** From one cut to the next, in the config's time: short beside the faults, so that each meets requests. */
const CUT_EVERY_MS = 10_000;
/** Beyond the end of the last fault. */
const BLOCKS_AFTER = 2;

/** The most by which the config's durations can be divided. */
export function suitedTime(settings: TempoSettings): number {
  return TIMES.find((time) => isTrue(time, settings)) ?? 1;
}

function isTrue(time: number, settings: TempoSettings): boolean {
  try {
    new Compression(time, 1).settings(settings);
    return true;
  } catch (error) {
    if (error instanceof CompressionError) return false;
    throw error;
  }
}

/** @param room what it is judged by; that of the timeline it was drawn as, also once it is shrunk. */
export function exploredScenario(
  drawn: Drawn,
  settings: TempoSettings,
  room: Room,
  about = aboutOf(drawn),
): ScenarioInput {
  const { explored, seed, entries } = drawn;
  const { maxBlockBytes } = settings.blocks;
  const parts = entries.some(({ asks }) => asks.parts === true);
  const bytes = Math.max(1, Math.floor(maxBlockBytes / (parts ? BLOCK_OF_PARTS_BYTES : BLOCK_BYTES)));
  const writers = Math.max(drawn.writers, ...entries.map(({ asks }) => asks.writers));
  const processes = Math.max(...entries.map(({ asks }) => asks.processes));
  return {
    name: `explored-${explored.seed}-${explored.number}`,
    about,
    seed,
    compression: { time: suitedTime(settings), bytes: Math.min(bytes, 100_000) },
    load: {
      ...(writers > 1 && { writers }),
      ...(processes > 1 && { processes }),
      rate: formatRate((maxBlockBytes * 1000) / CUT_EVERY_MS),
      blocks: Math.ceil(endOf(drawn) / CUT_EVERY_MS) + BLOCKS_AFTER,
    },
    ...(parts && { set: { [partSizeKey]: SMALLEST_PART } }),
    timeline: entries.map((entry) => ({
      at: formatDuration(entry.at),
      for: formatDuration(entry.for),
      fault: entry.fault,
      ...(Object.keys(entry.with).length > 0 && { with: { ...entry.with } }),
    })),
    expect: {
      lost: 0,
      ...(room.deadlineExceeded !== undefined && { deadlineExceeded: room.deadlineExceeded }),
      ...(room.visibleWithin !== undefined && { visibleWithin: formatDuration(room.visibleWithin) }),
      recoveredWithin: formatDuration(room.recoveredWithin),
    },
  };
}

/** `Timeline 12 of seed 7: s3-error for 40s, latency for 1m.` */
function aboutOf({ explored, entries }: Drawn): string {
  return `Timeline ${explored.number} of seed ${explored.seed}: ${faultsInWords(entries)}.`;
}

/** `s3-error for 40s, latency for 1m`. */
export function faultsInWords(entries: readonly Pick<DrawnEntry, 'fault' | 'for'>[]): string {
  return entries.map(({ fault, for: length }) => `${fault} for ${formatDuration(length)}`).join(', ');
}
