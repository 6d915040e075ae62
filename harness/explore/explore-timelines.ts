/**
 * The exploration itself, whatever it runs on:
 *
 * 1. Each timeline is run through each client. One that is inconclusive is run once more.
 * 2. The failures are taken in their order. One that holds all faults of a finding made before, and fails by the same checker, is counted
 *    with it; any other is a finding of its own, and is made as small as it can be (shrink.ts).
 * 3. The smallest timeline is run three times. If it does not fail each time, larger ones are, at last the one that was drawn.
 * 4. What fails each time is written as a scenario; what does not, too, and how often it failed is said.
 */
import type { FaultDefinition } from '../faults/fault.ts';
import type { ClientName } from '../object-store/clients.ts';
import { pooled } from '../pooled.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import type { ScenarioInput } from '../scenario/scenario.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { verdictOfExit } from '../verdict/expectation.ts';
import { causesOf, reasonOf } from './cause.ts';
import { type Drawn, longestOutage } from './drawn.ts';
import type {
  ExploredTimeline,
  ExploreFinding,
  ExploreObserver,
  ExploreResult,
  FaultCoverage,
  SoFar,
} from './explore-result.ts';
import { exploredScenario, faultsInWords } from './explored-scenario.ts';
import { roomOf } from './room.ts';
import { shrink } from './shrink.ts';

/** Each costs up to a minute of runs: a config in which everything fails is seen after a few. */
const MOST_FINDINGS = 3;
/** Runs that go into one finding's shrinking. */
const MOST_SHRINK_RUNS = 48;
const CONFIRMING_RUNS = 3;

export interface Exploring {
  timelines: readonly Drawn[];
  clients: readonly ClientName[];
  faults: readonly FaultDefinition[];
  /** Uncompressed. */
  settings: TempoSettings;
  atOnce: number;
  /** Whether a scenario can be run with the config. */
  isPossible(scenario: ScenarioInput): boolean;
  /** Runs it. `folder`: of its history, of which one that passes need not be kept. Rejects when it is told to stop. */
  run(scenario: ScenarioInput, client: ClientName, folder: string, keep: boolean): Promise<ScenarioResult>;
  /** Writes a scenario to keep. */
  write(scenario: ScenarioInput, client: ClientName): Promise<{ file: string; command: string }>;
  observer: Pick<ExploreObserver, 'phase' | 'progressed'>;
}

export type Explored = Pick<
  ExploreResult,
  'verdict' | 'exitCode' | 'timelines' | 'coverage' | 'judged' | 'findings' | 'notShrunk' | 'spent'
>;

interface Outcome {
  drawn: Drawn;
  client: ClientName;
  result: ScenarioResult;
  /** None: it did not fail. */
  causes: string[];
  again: boolean;
}

export async function exploreTimelines(exploring: Exploring): Promise<Explored> {
  const { timelines, clients, settings, atOnce, observer } = exploring;
  const spent = { timelines: 0, again: 0, shrinking: 0, confirming: 0 };
  const trials = timelines.flatMap((drawn) => clients.map((client) => ({ drawn, client })));
  const soFar: SoFar = { done: 0, of: trials.length, passed: 0, inconclusive: 0, failed: [], written: [] };
  const tell = () => observer.progressed(structuredClone(soFar));

  const outcomes = await pooled(trials, atOnce, async ({ drawn, client }): Promise<Outcome> => {
    const scenario = exploredScenario(drawn, settings, roomOf(drawn, settings));
    const folder = `${scenario.name}-${client}`;
    spent.timelines++;
    const { result, again } = await decided(exploring, spent, scenario, client, folder);
    const causes = causesOf(result);
    soFar.done++;
    if (causes.length > 0) soFar.failed.push(`${scenario.name} (${client}): ${causes[0]}`);
    else if (isUndecided(result)) soFar.inconclusive++;
    else soFar.passed++;
    tell();
    return { drawn, client, result, causes, again };
  });

  const findings: { finding: ExploreFinding; smallest: Drawn }[] = [];
  const notShrunk: string[] = [];
  for (const outcome of outcomes) {
    const [cause] = outcome.causes;
    if (cause === undefined) continue;
    const title = `${outcome.result.name} (${outcome.client})`;
    const alike = findings.find(
      ({ finding, smallest }) => finding.cause === cause && holdsFaultsOf(outcome.drawn, smallest),
    );
    if (alike) alike.finding.alike.push(title);
    else if (findings.length === MOST_FINDINGS) notShrunk.push(`${title}: ${cause}`);
    else {
      const found = await toFinding(outcome, cause, exploring, spent);
      findings.push(found);
      soFar.written.push(found.finding.file);
      tell();
    }
  }

  const anyDecided = outcomes.some(({ result, causes }) => causes.length > 0 || result.verdict === 'pass');
  const exitCode = findings.length > 0 ? 1 : anyDecided ? 0 : 2;
  const rooms = outcomes.map(({ drawn }) => roomOf(drawn, settings));
  return {
    verdict: verdictOfExit(exitCode),
    exitCode,
    timelines: outcomes.map(timelineOf),
    coverage: coverageOf(outcomes, exploring.faults),
    judged: {
      visibleWithin: rooms.filter((room) => room.visibleWithin !== undefined).length,
      deadlineExceeded: rooms.filter((room) => room.deadlineExceeded !== undefined).length,
    },
    findings: findings.map(({ finding }) => finding),
    notShrunk,
    spent,
  };
}

/** Runs a scenario; once more if that says nothing about the config. What then is inconclusive still is no fail. */
async function decided(
  { run }: Exploring,
  spent: Explored['spent'],
  scenario: ScenarioInput,
  client: ClientName,
  folder: string,
  keep = true,
): Promise<{ result: ScenarioResult; again: boolean }> {
  const result = await run(scenario, client, folder, keep);
  if (!isUndecided(result)) return { result, again: false };
  spent.again++;
  return { result: await run(scenario, client, `${folder}-once-more`, keep), again: true };
}

/** Neither passed, nor failed for a reason that is the writer's: a fault that could not be healed is the harness's. */
function isUndecided(result: ScenarioResult): boolean {
  return result.verdict !== 'pass' && causesOf(result).length === 0;
}

async function toFinding(
  { drawn, client, result }: Outcome,
  cause: string,
  exploring: Exploring,
  spent: Explored['spent'],
): Promise<{ finding: ExploreFinding; smallest: Drawn }> {
  const { settings, faults, atOnce, write, observer } = exploring;
  // What it is judged by stays that of the timeline as it was drawn: another budget would be another finding.
  const room = roomOf(drawn, settings);
  const scenarioOf = (one: Drawn, about?: string) => exploredScenario(one, settings, room, about);
  const { name } = result;
  observer.phase(`${name} (${client}) failed by ${cause}: making its timeline smaller`);
  const shrunk = await shrink(drawn, {
    faults,
    isPossible: (one) => exploring.isPossible(scenarioOf(one)),
    mostRuns: MOST_SHRINK_RUNS,
    fail: async (candidates) => {
      const first = spent.shrinking + 1;
      spent.shrinking += candidates.length;
      return pooled(candidates, atOnce, async (one, index) => {
        const folder = `${name}-${client}-smaller-${first + index}`;
        const tried = await decided(exploring, spent, scenarioOf(one), client, folder, false);
        return causesOf(tried.result).includes(cause);
      });
    },
  });

  const { steps } = shrunk;
  let best = { one: drawn, times: 0, explanation: result.explanation, evidence: [result.folder] };
  for (const place of fromTheLast(steps.length)) {
    const one = steps[place] as Drawn;
    const folders = Array.from(
      { length: CONFIRMING_RUNS },
      (_, time) => `${name}-${client}-step-${place}-again-${time + 1}`,
    );
    spent.confirming += folders.length;
    const results = await pooled(folders, atOnce, (folder) =>
      decided(exploring, spent, scenarioOf(one), client, folder),
    );
    const failed = results.map((confirming) => confirming.result).filter((one) => causesOf(one).includes(cause));
    const [first] = failed;
    if (first && failed.length > best.times) {
      best = {
        one,
        times: failed.length,
        explanation: first.explanation,
        evidence: failed.map(({ folder }) => folder),
      };
    }
    if (best.times === CONFIRMING_RUNS) break;
  }

  const smallest = faultsInWords(best.one.entries);
  const about = `Found by explore, seed ${drawn.explored.seed}, timeline ${drawn.explored.number} (${client}): ${cause} fails with ${smallest}.`;
  const scenario = scenarioOf(best.one, about);
  const { file, command } = await write(
    { ...scenario, expect: { verdict: 'fail', cause, ...scenario.expect } },
    client,
  );
  return {
    smallest: best.one,
    finding: {
      name,
      client,
      number: drawn.explored.number,
      cause,
      drawn: faultsInWords(drawn.entries),
      smallest,
      explanation: best.explanation,
      confirmed: { times: best.times, of: CONFIRMING_RUNS },
      shrinking: { runs: shrunk.spent, stopped: shrunk.stopped },
      file,
      command,
      evidence: best.evidence,
      alike: [],
    },
  };
}

/** Indices of a list of that length: the last, and each time twice as far before it; at last the first. */
function fromTheLast(length: number): number[] {
  const places: number[] = [];
  for (let back = 0; back < length; back = Math.max(1, back * 2)) places.push(length - 1 - back);
  return places.at(-1) === 0 ? places : [...places, 0];
}

/** Each fault of `smallest` as often as it is there. */
function holdsFaultsOf(drawn: Drawn, smallest: Drawn): boolean {
  const left = drawn.entries.map(({ fault }) => fault);
  return smallest.entries.every(({ fault }) => {
    const place = left.indexOf(fault);
    if (place >= 0) left.splice(place, 1);
    return place >= 0;
  });
}

function timelineOf({ drawn, client, result, causes, again }: Outcome): ExploredTimeline {
  const undecided = isUndecided(result);
  return {
    number: drawn.explored.number,
    name: result.name,
    client,
    verdict: undecided ? 'inconclusive' : result.verdict,
    faults: faultsInWords(drawn.entries),
    outageMs: longestOutage(drawn),
    ...(causes[0] !== undefined && { cause: causes[0] }),
    ...(undecided && { reason: reasonOf(result) }),
    ...(again && { again }),
  };
}

function coverageOf(outcomes: readonly Outcome[], faults: readonly FaultDefinition[]): FaultCoverage[] {
  return faults.map(({ name }) => {
    const drawn = outcomes.flatMap((one) => one.drawn.entries).filter(({ fault }) => fault === name).length;
    const acted = outcomes.flatMap(({ result }) => result.faults).filter((one) => one.name === name && one.fired > 0);
    const [first] = acted;
    return {
      fault: name,
      drawn,
      acted: acted.length,
      fired: acted.reduce((sum, { fired }) => sum + fired, 0),
      ...(first && { unit: first.unit }),
    };
  });
}
