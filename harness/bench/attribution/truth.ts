/**
 * Whose doing a scenario's lost time really is: what the bench holds the judge's word against.
 *
 * 1. Each cause of a scenario has a run in which it is alone. What it cost there, beyond a healthy run of the same profile and client, is
 *    its cost (cost.ts).
 * 2. A cause of the client is alone in its surroundings, which have a run without it: what that one cost is the surroundings' doing, and
 *    only what comes on top is the client's. Surroundings to which another cause of their side was added have a run together: what two
 *    faults of the path cost each alone does not tell what they cost at once.
 * 3. The main side is the one whose causes cost the most together. It has to be clear: half as much again as any other.
 * 4. A scenario that cost next to nothing, or whose main side is not clear, is not counted, and is told as such.
 */
import type { Side } from '../../verdict/attribution/blame.ts';
import { type Cost, lostBeyond } from './cost.ts';
import type { PlannedScenario } from './planned.ts';

/** All blocks together, milliseconds of the config's time: less may be the random wait of up to 10 s before a block is completed. */
export const LEAST_LOST_MS = 30_000;
/** How many times the cost of the others' side the main one has to have. */
const CLEARLY = 1.5;

export type Truth =
  | { main: Side; lostMs: Partial<Record<Side, number>> }
  | { notCounted: string; lostMs: Partial<Record<Side, number>> };

/** `costs` by the names of runs; the healthy runs among them. */
export function truthOf(
  planned: PlannedScenario,
  plan: readonly PlannedScenario[],
  costs: ReadonlyMap<string, Cost>,
): Truth {
  const own = costs.get(planned.name);
  const usual = costs.get(`healthy-${planned.profile}-${planned.client}`);
  if (!own?.reachedTimeline || !usual?.reachedTimeline) {
    return { notCounted: 'the steady state was not reached', lostMs: {} };
  }
  const lostMs: Partial<Record<Side, number>> = {};
  const parts = planned.alone.length > 0 ? planned.alone : [planned.name];
  for (const name of parts) {
    const part = plan.find((one) => one.name === name);
    const cost = costs.get(name);
    if (!part || !cost?.reachedTimeline) return { notCounted: `${name}, its cause alone, was not run`, lostMs };
    let rest = lostBeyond(cost, usual);
    if (part.around !== undefined) {
      const around = plan.find((one) => one.name === part.around);
      const aroundCost = costs.get(part.around);
      if (!around || !aroundCost?.reachedTimeline) return { notCounted: `${part.around} was not run`, lostMs };
      const apart = Math.min(rest, lostBeyond(aroundCost, usual));
      add(lostMs, around.sides[0] as Side, apart);
      rest -= apart;
    }
    add(lostMs, part.sides[0] as Side, rest);
  }
  const [first, second] = (Object.entries(lostMs) as [Side, number][]).sort(([, a], [, b]) => b - a);
  if (!first) return { notCounted: 'nothing was planted', lostMs };
  // A healthy run on a machine that was busy at the time took as long: then nothing is known.
  if (first[1] < LEAST_LOST_MS || lostBeyond(own, usual) < LEAST_LOST_MS) {
    return { notCounted: 'next to nothing was lost', lostMs };
  }
  if (second && first[1] < CLEARLY * second[1]) return { notCounted: 'no side is clearly the main one', lostMs };
  // What the plan calls it was a guess until it was measured.
  return { main: first[0], lostMs };
}

function add(lostMs: Partial<Record<Side, number>>, side: Side, ms: number): void {
  lostMs[side] = (lostMs[side] ?? 0) + ms;
}
