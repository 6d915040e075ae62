/** Whether two clients did the same in a program. */
import type { Observation } from './observation.ts';
import type { Program } from './program.ts';
import { twoColumns } from './two-columns.ts';
import type { Backoff } from './way.ts';

/** What one client did in a program, under its name. */
export interface Named {
  name: string;
  observation: Observation;
}

/**
 * A wait may be longer than what was drawn by so much, milliseconds: a busy machine. What is beyond is a wait without a cap, or one
 * that `Retry-After` asked for. Whether waits are as long as they should be their distribution tells.
 */
const WAIT_TOLERANCE_MS = 2000;
/** A client's clock, and the gateway's turn of its loop. */
const EARLY_TOLERANCE_MS = 2;

/** What they disagree about, in words and, where they are sequences, in two columns; `undefined` when they agree. */
export function disagreement(program: Program, one: Named, other: Named): string | undefined {
  if (!sameLines(program, one.observation.lines, other.observation.lines)) {
    return twoColumns(one.observation.lines, other.observation.lines, [one.name, other.name]);
  }
  const [parts, otherParts] = [one.observation.partsAtOnce, other.observation.partsAtOnce];
  if (holdsEveryPart(program) && parts !== otherParts) {
    return `parts in flight at once: ${parts} of ${one.name}, ${otherParts} of ${other.name}`;
  }
  return undefined;
}

function sameLines({ countedByChance }: Program, one: readonly string[], other: readonly string[]): boolean {
  if (!countedByChance) return JSON.stringify(one) === JSON.stringify(other);
  const requests = Math.min(one.length, other.length) - 1;
  return one.at(-1) === other.at(-1) && one.slice(0, requests).every((line, index) => line === other[index]);
}

/** Only then do all parts that may be in flight at once have to be. */
function holdsEveryPart({ faults }: Program): boolean {
  return faults.some(
    ({ operation, part, treatment }) =>
      operation === 'UploadPart' && part === undefined && treatment.kind === 'hold' && treatment.forMs !== undefined,
  );
}

/** The most that may be waited after an attempt that failed. */
export function waitLimit(attempt: number, { backoffUnit, backoffCap }: Backoff): number {
  return Math.min(backoffCap, backoffUnit * 2 ** (attempt - 1));
}

/** The waits between attempts that are not within their bounds, in words; `undefined` when all are. */
export function waitOutOfBounds({ name, observation }: Named, backoff: Backoff): string | undefined {
  for (const { request, attempt, ms, leftBehind } of observation.delays) {
    const limit = waitLimit(attempt, backoff);
    // The end of a connection that a client left is seen some time later.
    if ((leftBehind || ms >= -EARLY_TOLERANCE_MS) && ms <= limit + WAIT_TOLERANCE_MS) continue;
    return `${name}: ${request} waited ${ms.toFixed(0)} ms after attempt ${attempt}, and 0 to ${limit} ms are minio-go's`;
  }
  return undefined;
}
