/**
 * The scenarios of the bench, by a seed: which causes are planted in each, and which other runs tell what those cost alone.
 *
 * 1. Single causes: the sides in turn, of each side its kinds in turn, each time with other parameters. A cause of the client runs in its
 *    surroundings; these have a run of their own, which is a single cause of another side, and tells what is not the client's doing.
 * 2. Mixed causes: to a single cause another of another side is added, at a fifth of its strength, on the same profile and with the same
 *    seed. What is added has a run of its own too, which is a single cause again. When it is of the side of a client's surroundings, the two
 *    have one run together, without the client's setting: they may cost far more together than each alone.
 * 3. A healthy run for each profile and client: what its work takes without trouble.
 *
 * Names say nothing of what is planted.
 */
import { type ClientName, clientNames } from '../../object-store/clients.ts';
import { type Scenario, type ScenarioInput, scenarioSchema } from '../../scenario/scenario.ts';
import { type Cause, type Side, sides } from '../../verdict/attribution/blame.ts';
import { type CauseKind, causeKinds, type Planted } from './cause-kinds.ts';
import { Draw } from './draw.ts';
import { type ProfileName, profiles } from './profiles.ts';

/** Of the time of the main cause's parameters, see CauseKind.plant. */
const BESIDE = 0.2;

export interface PlannedScenario {
  /** `single-07`, `mixed-03`; what is beside them: `mixed-03-beside`, `single-04-around`, `mixed-28-around`. */
  name: string;
  sort: 'single' | 'mixed' | 'healthy';
  /** What is planted, in words: `one-connection in latency`, `disk-error with a little dns-failure`. */
  planted: string;
  /** Of a single cause: whose it is; of a mixed one: the sides that are in it, the main one first. None: healthy. */
  sides: Side[];
  /** What the side's cause may be called, of the main one. */
  called: readonly Cause[];
  client: ClientName;
  profile: ProfileName;
  scenario: Scenario;
  /** The runs of the same profile and client that tell what its causes cost alone, in the order of `sides`. None: `around` tells. */
  alone: string[];
  /** Of a cause of the client: the run of its surroundings, with what is added to them of their side. */
  around?: string;
}

/** How many are planned of each. 84 single causes and 28 mixed ones, and the runs beside them that are single causes too. */
export const usualPlan = { singles: 84, mixed: 28 };

export interface Plan {
  /** In the order in which they are run: singles of all sides, and mixed ones, well shuffled. */
  scenarios: PlannedScenario[];
  /** By profile and client. */
  healthy: PlannedScenario[];
}

interface Whole {
  kind: CauseKind;
  profile: ProfileName;
  /** The kind's own settings and faults. */
  own: Planted;
  surroundings?: Planted;
}

export function planScenarios(seed: number, { singles, mixed } = usualPlan): Plan {
  const scenarios: PlannedScenario[] = [];
  const whole = new Map<string, Whole>();
  const counts: Record<Side, number> = { client: 0, network: 0, s3: 0, machine: 0 };
  for (let number = 1; number <= singles; number++) {
    const side = sides[(number - 1) % sides.length] as Side;
    const kinds = causeKinds[side];
    const kind = kinds[counts[side]++ % kinds.length] as CauseKind;
    const draw = new Draw(seed, 'single', number);
    const name = `single-${padded(number)}`;
    const one: Whole = {
      kind,
      profile: kind.profiles[0],
      own: kind.plant(draw, 1),
      ...(kind.surroundings && { surroundings: kind.surroundings.plant(draw) }),
    };
    whole.set(name, one);
    const about = {
      client: clientOf(number, counts[side], kinds.length),
      profile: one.profile,
      seed: seedOf(seed, number),
    };
    if (kind.surroundings && one.surroundings) {
      scenarios.push({
        ...planned(`${name}-around`, 'single', about, [one.surroundings]),
        planted: `the surroundings of ${kind.name}: ${faultsOf(one.surroundings)}`,
        sides: [kind.surroundings.side],
        called: kind.surroundings.called,
        alone: [],
      });
    }
    scenarios.push({
      ...planned(name, 'single', about, partsOf(one)),
      planted: one.surroundings ? `${kind.name} in ${faultsOf(one.surroundings)}` : kind.name,
      sides: [side],
      called: kind.called,
      alone: [],
      ...(one.surroundings && { around: `${name}-around` }),
    });
  }
  const pairs = sidePairs();
  const added: Record<Side, number> = { client: 0, network: 0, s3: 0, machine: 0 };
  const mains = [...whole];
  const taken = new Set<string>();
  for (let number = 1; number <= mixed && mains.length > 0; number++) {
    const [side, other] = pairs[(number - 1) % pairs.length] as [Side, Side];
    const draw = new Draw(seed, 'mixed', number);
    const name = `mixed-${padded(number)}`;
    // Main causes in turn: each single once before any a second time.
    const candidates = mains.filter(([, { kind }]) => kind.side === side);
    const choice = candidates
      .map(([main, one]) => ({ main, one, beside: besides(one, other, added[other]) }))
      .filter(({ beside }) => beside !== undefined)
      .sort((a, b) => Number(taken.has(a.main)) - Number(taken.has(b.main)))[0];
    if (!choice?.beside) continue;
    const { main, one, beside } = choice;
    taken.add(main);
    added[other]++;
    const little = beside.plant(draw, BESIDE);
    const single = scenarios.find((scenario) => scenario.name === main) as PlannedScenario;
    const about = { client: single.client, profile: one.profile, seed: single.scenario.seed };
    const around = one.kind.surroundings?.side === other ? `${name}-around` : undefined;
    if (around !== undefined && one.kind.surroundings && one.surroundings) {
      scenarios.push({
        ...planned(around, 'single', about, [one.surroundings, little]),
        planted: `the surroundings of ${one.kind.name}: ${faultsOf(one.surroundings)}, with a little ${beside.name}`,
        sides: [other],
        called: [...one.kind.surroundings.called, ...beside.called],
        alone: [],
      });
    }
    scenarios.push(
      {
        ...planned(`${name}-beside`, 'single', about, [little]),
        planted: `a little ${beside.name}`,
        sides: [other],
        called: beside.called,
        alone: [],
      },
      {
        ...planned(name, 'mixed', about, [...partsOf(one), little]),
        planted: `${single.planted}, with a little ${beside.name}`,
        sides: [side, other],
        called: single.called,
        ...(around === undefined ? { alone: [main, `${name}-beside`] } : { alone: [], around }),
      },
    );
  }
  return { scenarios: interleaved(scenarios), healthy: healthyRuns(seed, scenarios) };
}

/** Every ordered pair of two sides whose causes can be made a fifth as strong: a setting of the client is as it is. */
function sidePairs(): [Side, Side][] {
  return sides.flatMap((side) =>
    sides.filter((other) => other !== side && other !== 'client').map((other): [Side, Side] => [side, other]),
  );
}

/** The next kind of `other` that can be in force beside `one`. */
function besides(one: Whole, other: Side, from: number): CauseKind | undefined {
  const kinds = causeKinds[other];
  const inTurn = kinds.map((_, index) => kinds[(from + index) % kinds.length] as CauseKind);
  return inTurn.find((kind) => {
    if (!kind.profiles.includes(one.profile)) return false;
    const little = kind.plant(new Draw(0, kind.name), BESIDE);
    const keys = partsOf(one).flatMap(({ set = {} }) => Object.keys(set));
    const beside = partsOf(one).flatMap(({ faults }) => faults.map(({ fault }) => fault));
    // More of what is there is no second cause.
    if (little.faults.some(({ fault }) => beside.includes(fault))) return false;
    if (Object.keys(little.set ?? {}).some((key) => keys.includes(key))) return false;
    // Two that decide the same thing are refused.
    return scenarioSchema.safeParse(scenarioOf('trial', { profile: one.profile, seed: 0 }, [...partsOf(one), little]))
      .success;
  });
}

function partsOf({ own, surroundings }: Whole): Planted[] {
  return surroundings ? [surroundings, own] : [own];
}

interface About {
  client: ClientName;
  profile: ProfileName;
  seed: number;
}

function planned(name: string, sort: PlannedScenario['sort'], about: About, parts: readonly Planted[]) {
  const { client, profile } = about;
  return { name, sort, client, profile, scenario: scenarioSchema.parse(scenarioOf(name, about, parts)) };
}

function scenarioOf(name: string, { profile, seed }: Omit<About, 'client'>, parts: readonly Planted[]): ScenarioInput {
  const { compression, load, set } = profiles[profile];
  return {
    name,
    about: 'A scenario of the attribution bench.',
    seed,
    ...(compression && { compression }),
    load,
    set: Object.assign({}, set, ...parts.map((part) => part.set)),
    timeline: parts.flatMap(({ faults }) =>
      faults.map(({ at, for: held, fault, with: parameters }) => ({
        at: `${at}s`,
        for: `${held}s`,
        fault,
        ...(parameters && { with: parameters }),
      })),
    ),
    // What is not flushed by then counts as lost time up to then.
    expect: { recoveredWithin: '4m' },
  };
}

function healthyRuns(seed: number, scenarios: readonly PlannedScenario[]): PlannedScenario[] {
  const needed = new Map(scenarios.map(({ profile, client }) => [`healthy-${profile}-${client}`, { profile, client }]));
  return [...needed].map(([name, { profile, client }]) => ({
    ...planned(name, 'healthy', { profile, client, seed }, []),
    planted: 'nothing',
    sides: [],
    called: [],
    alone: [],
  }));
}

/** Singles and mixed ones in proportion, so that the first few of them are of all kinds. */
function interleaved(scenarios: readonly PlannedScenario[]): PlannedScenario[] {
  const place = new Map<PlannedScenario, number>();
  for (const prefix of ['single', 'mixed']) {
    const some = scenarios.filter(({ name }) => name.startsWith(prefix));
    for (const [index, one] of some.entries()) place.set(one, (index + 0.5) / some.length);
  }
  return [...scenarios].sort((a, b) => (place.get(a) as number) - (place.get(b) as number));
}

/** Each kind of a side through the one client, and the next time round through the other. */
function clientOf(number: number, count: number, kinds: number): ClientName {
  const round = Math.floor((count - 1) / kinds);
  return clientNames[(number + round) % clientNames.length] as ClientName;
}

/** The seed of a scenario's own draws. */
function seedOf(seed: number, number: number): number {
  return (seed * 1000 + number) % 2 ** 31;
}

function padded(number: number): string {
  return String(number).padStart(2, '0');
}

function faultsOf({ faults }: Planted): string {
  return faults.map(({ fault }) => fault).join(' and ');
}
