/**
 * Runs mutants, several side by side, each build and each run in processes of their own:
 *
 * 1. The sources as they are: each scenario that a mutant names, through its client and with its settings, once; and each file of tests.
 * 2. Each mutant whose scenario went as expected: copied, edited, built, run, judged.
 * 3. What is inconclusive as the harness was late is run again, up to `TRIES` times in all.
 */
import type { Clock } from '../clock.ts';
import { pooled } from '../pooled.ts';
import { catcherOf, isOfTests, type Mutant, whereOf } from './mutant.ts';
import { judgeMutant, judgeUnmutated, type Outcome } from './outcome.ts';
import { type Trial, tryOut } from './trial.ts';
import type { Workshop } from './workshop.ts';

const TRIES = 3;

export interface MutantReport {
  mutant: Mutant;
  outcome: Outcome;
  /** Of the mutant's own runs; 0: the sources as they are did not do what the scenario expects. */
  tries: number;
  /** Build and runs, milliseconds. */
  tookMs: number;
}

export interface RunMutantsOptions {
  workshop: Pick<Workshop, 'build' | 'clear'>;
  atOnce: number;
  clock: Clock;
  signal: AbortSignal;
  /** Told a line when something is done. */
  progress(line: string): void;
  tryOut?: typeof tryOut;
}

/** In the order of `mutants`. @throws MisplacedMutant, BuildError, the signal's reason. */
export async function runMutants(
  mutants: readonly Mutant[],
  { workshop, atOnce, clock, signal, progress, tryOut: run = tryOut }: RunMutantsOptions,
): Promise<MutantReport[]> {
  const sound = await workshop.build({ name: 'none', edits: [] }, signal);
  const grounds = new Map(mutants.map((mutant) => [groundOf(mutant), mutant]));
  const objections = new Map<string, Outcome | undefined>();
  await pooled([...grounds], atOnce, async ([ground, mutant]) => {
    const { outcome } = await untilOnTime(() => run(mutant, sound, clock, signal), judgeUnmutated);
    objections.set(ground, outcome);
    progress(`${outcome ? outcome.verdict : 'as expected'}: ${ground}, without a mutant${sayWhy(outcome)}`);
  });
  await workshop.clear(sound);

  return pooled(mutants, atOnce, async (mutant) => {
    const begun = clock.now();
    const objection = objections.get(groundOf(mutant));
    if (objection) return { mutant, outcome: objection, tries: 0, tookMs: 0 };
    const folder = await workshop.build(mutant, signal);
    const { outcome, tries } = await untilOnTime(
      () => run(mutant, folder, clock, signal),
      (trial) => judgeMutant(mutant, trial),
    );
    await workshop.clear(folder);
    const caught = outcome.verdict === 'caught' ? ` by ${catcherOf(mutant)}` : sayWhy(outcome);
    progress(`${outcome.verdict}: ${mutant.name}${caught}`);
    return { mutant, outcome, tries, tookMs: clock.now() - begun };
  });
}

/** What a mutant's run and that of the sources as they are have in common. */
function groundOf(mutant: Mutant): string {
  const { set = [] } = isOfTests(mutant) ? {} : mutant;
  return [whereOf(mutant), ...set].join(' ');
}

async function untilOnTime<Judged extends Outcome | undefined>(
  run: () => Promise<Trial>,
  judge: (trial: Trial) => Judged,
): Promise<{ outcome: Judged; tries: number }> {
  for (let tries = 1; ; tries++) {
    const outcome = judge(await run());
    if (outcome?.verdict !== 'late' || tries === TRIES) return { outcome, tries };
  }
}

function sayWhy(outcome: Outcome | undefined): string {
  return outcome && outcome.verdict !== 'caught' ? `: ${outcome.message}` : '';
}
