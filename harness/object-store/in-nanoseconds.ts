import type { Phases } from '../history/events.ts';

const NANOSECONDS = 1e6;

/**
 * Phases, of milliseconds, as finely as the clock counts (`process.hrtime`, nanoseconds). The digits behind that are what binary fractions leave of
 * a difference; in a history of many attempts they are a twentieth of the bytes, and a tenth of the time that it takes to read it.
 */
export function inNanoseconds(phases: Phases): Phases {
  const rounded: Phases = {};
  for (const name in phases) {
    const phase = name as keyof Phases;
    rounded[phase] = Math.round((phases[phase] as number) * NANOSECONDS) / NANOSECONDS;
  }
  return rounded;
}
