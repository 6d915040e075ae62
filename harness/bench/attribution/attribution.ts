/**
 * `npm run bench -- attribution`: how often the judge blames the right side.
 *
 * 1. Scenarios are planned by a seed (planned.ts), and run side by side on one environment; beside each those that tell what its causes
 *    cost alone.
 * 2. Of each the history is stripped of everything that only the injector of a fault knows (hideFaults), and the judge's blame is computed
 *    from what is left.
 * 3. It is held against what the causes really cost (truth.ts).
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../clock.ts';
import { pooled } from '../../pooled.ts';
import { Harness } from '../../scenario/harness.ts';
import type { Measurement } from '../measurement.ts';
import { attributionReport } from './attribution-report.ts';
import type { Cost } from './cost.ts';
import { type AttributionOptions, chosen } from './options.ts';
import { planScenarios } from './planned.ts';
import { type Observed, runPlanned } from './run-planned.ts';
import type { Judged } from './score.ts';
import { truthOf } from './truth.ts';

export async function benchAttribution(
  options: AttributionOptions,
  say: (line: string) => void,
): Promise<{ text: string; measurements: Measurement[] }> {
  const { seed, atOnce, out } = options;
  const plan = planScenarios(seed);
  const { scored, needed } = chosen(plan.scenarios, options);
  if (scored.length === 0)
    throw new Error(`bench attribution: no scenario of seed ${seed} matches --only ${options.only}`);
  const healthy = plan.healthy.filter((one) =>
    needed.some(({ profile, client }) => profile === one.profile && client === one.client),
  );
  const began = realClock.now();
  const observed = await runAll([...healthy, ...needed], { atOnce, ...(out !== undefined && { out }) }, say);
  const costs = new Map<string, Cost>([...observed].map(([name, { cost }]) => [name, cost]));
  const judged: Judged[] = scored.map((planned) => {
    const { blame, trouble } = observed.get(planned.name) as Observed;
    return { planned, truth: truthOf(planned, needed, costs), blame, ...(trouble !== undefined && { trouble }) };
  });
  const { text, measurements } = attributionReport(judged, seed);
  const minutes = (realClock.now() - began) / 60_000;
  return {
    text,
    measurements: [
      ...measurements,
      {
        what: `${scored.length} scenarios, ${observed.size} runs, ${atOnce} at once`,
        value: `${minutes.toFixed(1)} min`,
      },
    ],
  };
}

async function runAll(
  list: Parameters<typeof runPlanned>[1][],
  { atOnce, out }: Pick<AttributionOptions, 'atOnce' | 'out'>,
  say: (line: string) => void,
): Promise<Map<string, Observed>> {
  const results = out ?? (await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-')));
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Error('bench attribution: interrupted'));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    await mkdir(results, { recursive: true });
    await using harness = await Harness.start('auto', {
      progress: say,
      clock: realClock,
      subjects: atOnce,
      signal: stop.signal,
    });
    let done = 0;
    const observed = await pooled(list, atOnce, async (planned) => {
      const seen = await runPlanned(harness, planned, { results, keep: out !== undefined, signal: stop.signal });
      say(`${++done} of ${list.length}: ${planned.name} (${planned.planted}, ${planned.client})`);
      return seen;
    });
    return new Map(list.map(({ name }, index) => [name, observed[index] as Observed]));
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    if (out === undefined) await rm(results, { recursive: true, force: true });
  }
}
