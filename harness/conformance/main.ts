/**
 * `npm run conformance [-- --programs N --seed S]`: fault programs through minio-go and through ours. `npm run conformance -- vectors
 * [DIR]`: recorded programs of a real Tempo through our whole writer. Exit codes: 0 all agree, 1 something disagrees, 3 could not run.
 */
import { parseArgs } from 'node:util';
import { INTERRUPTED, Interrupted, Interruption } from '../cli/interruption.ts';
import { realClock } from '../clock.ts';
import { EnvironmentError } from '../environment/environment.ts';
import { runConformance } from './conformance.ts';
import { fuzzedPrograms } from './programs.ts';
import { conformanceReport } from './report.ts';
import { withClients } from './with-clients.ts';

const usage = `npm run conformance                           200 fault programs, seed 1
npm run conformance -- --programs N --seed S  other ones
npm run conformance -- --seed S --only N      one of them alone, and nothing about waits
npm run conformance -- vectors [DIR...]       recorded programs of a real Tempo`;

class UsageError extends Error {}

function wholeNumber(name: string, text: string, least: number): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least) return number;
  throw new UsageError(`--${name} is "${text}": a whole number from ${least} on`);
}

async function faultPrograms(argv: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      programs: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
  });
  const seed = wholeNumber('seed', values.seed, 0);
  const only = values.only === undefined ? undefined : wholeNumber('only', values.only, 0);
  const count = wholeNumber('programs', values.programs, 1);
  const programs = fuzzedPrograms(seed, Math.max(count, (only ?? 0) + 1)).slice(
    only,
    only === undefined ? count : only + 1,
  );
  const samples = only === undefined ? {} : { samples: { programs: 0, most: 0 } };
  const progress = progressLine();
  return withClients({ seed, clock: realClock, progress, signal }, async (parts) => {
    const result = await runConformance({ ...parts, ...samples, programs, seed, clock: realClock, signal, progress });
    process.stdout.write(`${conformanceReport(result, parts.ways[0]?.name ?? '')}\n`);
    return result.agrees ? 0 : 1;
  });
}

/** To standard error; on a terminal, in one line. */
function progressLine(): (line: string) => void {
  const { isTTY } = process.stderr;
  let told = '';
  return (line) => {
    if (isTTY) process.stderr.write(`\r\x1b[K${line}`);
    // A log needs no line for each program.
    else if (!/^\d+ of /.test(line) && line !== told) process.stderr.write(`${line}\n`);
    told = line;
  };
}

async function run(argv: string[], signal: AbortSignal): Promise<number> {
  if (argv[0] === 'vectors')
    return (await import('./vectors/vectors-command.ts')).vectorsCommand(argv.slice(1), signal);
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  return faultPrograms(argv, signal);
}

try {
  const interruption = new Interruption(process, realClock);
  process.exitCode = await interruption.during(
    (signal) => run(process.argv.slice(2), signal),
    (line) => process.stderr.write(`${line}\n`),
  );
} catch (error) {
  const { message, code } = error as NodeJS.ErrnoException;
  if (error instanceof Interrupted) {
    // What the clients still have under way is of no interest.
    process.exit(INTERRUPTED);
  } else {
    process.stderr.write(`conformance: ${message}\n`);
    if (error instanceof EnvironmentError) process.stderr.write(`  ${error.remedy}\n`);
    else if (error instanceof UsageError || code?.startsWith('ERR_PARSE_ARGS')) process.stderr.write(`${usage}\n`);
    process.exitCode = 3;
  }
}
