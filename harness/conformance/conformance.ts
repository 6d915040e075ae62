/**
 * Runs fault programs with minio-go, which Tempo has, and with our policy over both SDKs, and compares.
 *
 * 1. An object or two without a fault.
 * 2. All programs, many at a time: those with few bytes as many as keep a machine with 2 cores at ease, uploads a few.
 * 3. Those that disagree once more, each with the machine to itself: what was a matter of a busy machine does not come again. What
 *    does is a disagreement.
 * 4. The waits between attempts, with nothing else going on: whether each client draws them uniformly, at 1 %.
 */
import type { Clock } from '../clock.ts';
import { pooled } from '../pooled.ts';
import { disagreement, type Named, waitLimit, waitOutOfBounds } from './compare.ts';
import { type Observation, observe } from './observation.ts';
import { described, PART_SIZE, type Program } from './program.ts';
import { programsOfKind } from './programs.ts';
import { needsNeighbour, type OpenProgram } from './stage.ts';
import { type Uniformity, uniformity } from './uniformity.ts';
import { realBackoff, shortBackoff } from './way.ts';
import type { ConformanceParts } from './with-clients.ts';

/** Programs at once. */
const SMALL_AT_ONCE = 6;
const UPLOADS_AT_ONCE = 3;
/** More than this many disagreements are no matter of a busy machine. */
const MOST_RUN_AGAIN = 20;
/** Waits are taken for the distribution where they are long beside what it takes to send and be seen: from this limit on. */
const SHORTEST_LIMIT_MS = 800;
/** Whose only fault is that each attempt is answered 503. */
const SAMPLE_KIND = 'single: attempts used up';
const SAMPLED_AT_ONCE = 16;
/** A client that is refused is given two more: the machine may have been busy. */
const usualSamples = { programs: 32, most: 3 };

const warmUp: readonly Program[] = [1000, PART_SIZE + 1].map((size, number) => ({
  ...{ number, kind: 'warm-up', size, faults: [], divided: {} },
}));

export interface ConformanceOptions extends ConformanceParts {
  programs: readonly Program[];
  /** Of the waits between attempts. Absent: three at the most, of 32 programs each. */
  samples?: { programs: number; most: number };
  seed: number;
  clock: Clock;
  signal: AbortSignal;
  progress: (line: string) => void;
}

export interface Compared {
  program: Program;
  /** By the name of each way but the first: what it disagrees about with the first, or `undefined`. */
  disagreements: Map<string, string | undefined>;
  /** It agreed only when it was run again, alone. */
  again: boolean;
}

export interface Waits extends Uniformity {
  way: string;
  /** Of which sample these are the figures: those before it were refused. */
  sample: number;
}

export interface ConformanceResult {
  compared: Compared[];
  waits: Waits[];
  agrees: boolean;
  seconds: number;
}

/** @throws Error when a client or the path broke, and the signal's reason. */
export async function runConformance(options: ConformanceOptions): Promise<ConformanceResult> {
  const { stage, ways, programs, clock, signal, progress } = options;
  const began = clock.now();
  const opened = new Map<Program, OpenProgram>();
  let done = 0;
  const runOne = async (program: Program, again: boolean): Promise<Compared> => {
    signal.throwIfAborted();
    const ready = opened.get(program);
    opened.delete(program);
    await using open = ready ?? (await stage.open(program, ways));
    const seen = await open.run();
    signal.throwIfAborted();
    const named = ways.map(({ name }, index) => ({
      name,
      observation: observe(program, seen[index] as (typeof seen)[0]),
    }));
    if (!again) {
      progress(`${++done} of ${programs.length} programs`);
    }
    return { program, disagreements: disagreements(program, named), again };
  };
  // The first objects of a process take long: code is loaded, and nothing is warm.
  for (const program of warmUp) await stage.run(program, ways);
  // Whether a connect is refused or hangs is made sure of within a time that a busy machine would not keep.
  for (const program of programs.filter(needsNeighbour)) opened.set(program, await stage.open(program, ways));
  const compared = await Promise.all([
    pooled(
      programs.filter(({ size }) => size <= PART_SIZE),
      SMALL_AT_ONCE,
      (program) => runOne(program, false),
    ),
    pooled(
      programs.filter(({ size }) => size > PART_SIZE),
      UPLOADS_AT_ONCE,
      (program) => runOne(program, false),
    ),
  ]);
  const all = compared.flat().sort((a, b) => a.program.number - b.program.number);
  const suspects = all.filter(disagrees);
  if (suspects.length <= MOST_RUN_AGAIN) {
    for (const { program } of suspects) {
      progress(`program ${program.number} once more, alone`);
      const index = all.findIndex((one) => one.program === program);
      const alone = await runOne(program, true);
      // One that disagrees again is told with what it did alone, where nothing else is in the way.
      all[index] = { ...alone, again: !disagrees(alone) };
    }
  }
  const waits = await judgedWaits(options);
  return {
    compared: all,
    waits,
    agrees: !all.some(disagrees) && waits.every(({ uniform }) => uniform),
    seconds: (clock.now() - began) / 1000,
  };
}

export function disagrees({ disagreements }: Compared): boolean {
  return [...disagreements.values()].some((one) => one !== undefined);
}

function disagreements(program: Program, named: readonly Named[]): Compared['disagreements'] {
  const [reference, ...others] = named as [Named, ...Named[]];
  return new Map(
    others.map((other) => {
      const both = [reference, other];
      const words =
        both.map(({ observation }) => observation.astray).find((astray) => astray !== undefined) ??
        disagreement(program, reference, other) ??
        waitsOutOfBounds(program, both);
      return [other.name, words && `${described(program)}\n${words}`];
    }),
  );
}

function waitsOutOfBounds({ name }: Program, named: readonly Named[]): string | undefined {
  // Between two requests that were seen may be attempts that found no connection.
  if (name) return undefined;
  return named.map((one) => waitOutOfBounds(one, shortBackoff)).find((words) => words !== undefined);
}

/** Takes samples with nothing else going on. */
async function judgedWaits(options: ConformanceOptions): Promise<Waits[]> {
  const { stage, unhurried, seed, programs, signal, progress, samples = usualSamples } = options;
  const judged = new Map<string, Waits>();
  for (let sample = 1; sample <= samples.most; sample++) {
    const left = unhurried.filter(({ name }) => !judged.get(name)?.uniform);
    if (left.length === 0) break;
    progress(`sample ${sample} of the waits between attempts`);
    const shares = new Map<string, number[]>(left.map(({ name }) => [name, []]));
    const first = programs.length + (sample - 1) * samples.programs;
    await pooled(programsOfKind(SAMPLE_KIND, seed, first, samples.programs), SAMPLED_AT_ONCE, async (program) => {
      signal.throwIfAborted();
      const seen = await stage.run(program, left);
      for (const [index, { name }] of left.entries()) {
        shares.get(name)?.push(...sharesOf(observe(program, seen[index] as (typeof seen)[0])));
      }
    });
    for (const [way, all] of shares) judged.set(way, { way, ...uniformity(all), sample });
  }
  return [...judged.values()];
}

/** Each wait as its share of the longest that it may be. */
function sharesOf({ delays }: Observation): number[] {
  return delays.flatMap(({ attempt, ms }) => {
    const limit = waitLimit(attempt, realBackoff);
    return limit < SHORTEST_LIMIT_MS ? [] : [ms / limit];
  });
}
