/** `npm run bench [-- NAME...]`: measures what the harness costs, and compares it with the goals. Exit code 1: a goal was missed. */
import type { StartedEnvironment } from '../environment/environment.ts';
import { native } from '../environment/native.ts';
import { openRegister, type Register } from '../environment/register.ts';
import { wrap } from '../report/wrap.ts';
import { benchAttribution } from './attribution/attribution.ts';
import { readAttributionOptions } from './attribution/options.ts';
import { benchDeterminism } from './determinism.ts';
import { benchFaults } from './faults.ts';
import { benchFleet } from './fleet.ts';
import { benchJudging } from './judging.ts';
import type { Measurement } from './measurement.ts';
import { benchMemory } from './memory.ts';
import { benchPath } from './path.ts';
import { benchProfile } from './profile.ts';
import { benchSideBySide } from './side-by-side.ts';
import { benchStart } from './start.ts';
import { measurementTable } from './table.ts';
import { benchWriter } from './writer.ts';

/** Runs a bench in a native environment of its own. */
async function inEnvironment(
  measure: (environment: StartedEnvironment, register: Register) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  const say = (line: string) => console.error(line);
  await using register = await openRegister(say);
  await using environment = await native.start(say, register);
  return await measure(environment, register);
}

const benches: Record<string, { about: string; run(): Promise<Measurement[]> }> = {
  path: {
    about: 'The path without faults (ratios: against Toxiproxy alone)',
    run: () => inEnvironment(benchPath),
  },
  faults: {
    about: 'What faults do, against what was asked; and the path without faults (ratios: against Toxiproxy alone)',
    run: () =>
      inEnvironment(async (parts, register) => [...(await benchFaults(parts)), ...(await benchPath(parts, register))]),
  },
  writer: {
    about: "Our writer's client (ratios: against minio-go on the same path)",
    run: () => inEnvironment(benchWriter),
  },
  profile: {
    about: 'Where the time of a small PUT goes (ratios: against the whole of node:http alone)',
    run: () => inEnvironment(benchProfile),
  },
  memory: { about: 'A writer with four blocks of 500 MiB in flight, uncompressed', run: benchMemory },
  fleet: { about: 'A fleet of 30 writers, compressed: memory, and the delay of event loops', run: benchFleet },
  determinism: { about: 'The same scenario 20 times with the same seed', run: benchDeterminism },
  'side-by-side': { about: 'Scenarios side by side, against one by one', run: benchSideBySide },
  judging: {
    about: 'A history of a million events, judged from its file (ratio: against parsing it)',
    run: benchJudging,
  },
  start: { about: 'What a user waits for (programs built)', run: benchStart },
  attribution: {
    about: 'Whom the judge blames, against what was planted (options: --seed, --runs, --only, --at-once, --out)',
    async run() {
      const { text, measurements } = await benchAttribution(attributionOptions(), (line) => console.error(line));
      console.log(`${text}\n`);
      return measurements;
    },
  },
};

const usage = `Usage: npm run bench [-- name...]

measure what the harness costs, and compare it with the goals: all, or these
${Object.entries(benches)
  .map(([name, { about }]) => `  ${name.padEnd(14)}${wrap(about, 64).replaceAll('\n', `\n${' '.repeat(16)}`)}`)
  .join('\n')}

Options are for the bench attribution alone, which is named first then:
  --seed <n>     what the scenarios are drawn from (default: 42)
  --runs <n>     so many of them at most, and the runs that they need
  --only <text>  a regular expression for their names, or what is planted
  --at-once <n>  side by side (default: 3)
  --out <dir>    the folder that the histories are left in

Exit code: 0 every goal was met, 1 one was not, 3 could not run.

Example:
  $ npm run bench -- path judging
  $ npm run bench -- attribution --only '^single-0'
`;

const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) {
  process.stdout.write(usage);
  process.exit(0);
}
const firstOption = argv.findIndex((one) => one.startsWith('-'));
/** Of the one bench that has some. */
const options = firstOption < 0 ? [] : argv.slice(firstOption);
const asked = firstOption < 0 ? argv : argv.slice(0, firstOption);
const unknown = asked.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(`bench: none is named ${unknown}: there are ${Object.keys(benches).join(', ')}; without a name, all`);
  process.exit(3);
}
if (options.length > 0 && (asked.length !== 1 || asked[0] !== 'attribution')) {
  console.error(
    `bench: ${options.join(' ')}: options are for the bench attribution alone: name it first, and no other`,
  );
  process.exit(3);
}

function attributionOptions() {
  try {
    return readAttributionOptions(options);
  } catch (error) {
    console.error((error as Error).message);
    return process.exit(3);
  }
}

for (const [name, { about, run }] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const measurements = await run();
  console.log(`${about}\n${measurementTable(measurements)}\n`);
  if (measurements.some(({ met }) => met === false)) process.exitCode = 1;
}
