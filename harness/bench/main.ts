/** `npm run bench [-- NAME...]`: measures what the harness costs, and compares it with the goals. Exit code 1: a goal was missed. */
import type { StartedEnvironment } from '../environment/environment.ts';
import { native } from '../environment/native.ts';
import { openRegister, type Register } from '../environment/register.ts';
import { benchFaults } from './faults.ts';
import type { Measurement } from './measurement.ts';
import { benchPath } from './path.ts';
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
  start: { about: 'What a user waits for (programs built)', run: benchStart },
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(benches, name));
if (unknown !== undefined) {
  console.error(
    `bench: none is named ${unknown}: one or more of ${Object.keys(benches).join(', ')}; without a name, all`,
  );
  process.exit(3);
}
for (const [name, { about, run }] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const measurements = await run();
  console.log(`${about}\n${measurementTable(measurements)}\n`);
  if (measurements.some(({ met }) => met === false)) process.exitCode = 1;
}
