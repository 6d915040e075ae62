/** `npm run conformance -- vectors [DIR]`: recorded programs of a real Tempo through our whole writer. */
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { counted } from '../../checkers/counted.ts';
import { realClock } from '../../clock.ts';
import { EnvironmentError } from '../../environment/environment.ts';
import { type ClientName, clientNames } from '../../object-store/clients.ts';
import { CompressionError } from '../../scenario/compression.ts';
import { Harness } from '../../scenario/harness.ts';
import { newResultsFolder, ResultsError } from '../../scenario/results-folder.ts';
import { diffText } from './diff-text.ts';
import { readRecordings, shippedRecordings } from './read-recordings.ts';
import { recordedDataBytes, recordedSettings } from './recorded-deployment.ts';
import { type Recording, RecordingError } from './recording.ts';
import { runVectors, USUAL_TIME, type VectorResult } from './vectors.ts';

const HELP = `usage: npm run conformance -- vectors [DIR] [options]

Runs each recorded program of a real Tempo in DIR through our whole writer, on a real disk and a real path, with each S3 SDK, and
compares the requests, the waits, the logged errors and the counters. DIR is ${relative(process.cwd(), shippedRecordings)} when none is named.

  --time N             divide every duration by N; 1 is real time (${USUAL_TIME})
  --client NAME        ${clientNames.join(' or ')} alone
  --environment NAME   native or docker (the first that works)
  --out DIR            where the histories go (chaos-results)
  --help

Exit code 0: all agree; 1: at least one does not; 2: at least one could not be run to its end; 3: nothing could be run.

example: npm run conformance -- vectors conformance/tempo-vectors --client minio
`;

/** What is wrong with the command line. */
class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly remedy = '--help shows what is valid';
}

interface Usage {
  folder: string;
  time: number;
  clients: readonly ClientName[];
  environment: 'auto' | 'native' | 'docker';
  out: string;
}

/** Results go to standard output, all else to standard error. @returns the exit code. */
export async function vectorsCommand(argv: readonly string[], signal: AbortSignal): Promise<number> {
  try {
    const usage = readUsage(argv);
    if (usage === 'help') {
      process.stdout.write(HELP);
      return 0;
    }
    return await run(usage, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    if (!isOfTheUser(error)) throw error;
    const remedy = 'remedy' in error ? `\n  remedy: ${error.remedy}` : '';
    process.stderr.write(`vectors: ${error.message}${remedy}\n`);
    return 3;
  }
}

const ofTheUser = [UsageError, RecordingError, EnvironmentError, ResultsError, CompressionError] as const;

function isOfTheUser(error: unknown): error is Error {
  return ofTheUser.some((kind) => error instanceof kind);
}

function readUsage(argv: readonly string[]): Usage | 'help' {
  const { values, positionals } = parsed(argv);
  if (values.help) return 'help';
  const [folder = shippedRecordings, ...more] = positionals;
  if (more.length > 0) throw new UsageError(`one folder at a time, not also ${more.join(', ')}`);
  const time = Number(values.time ?? USUAL_TIME);
  if (!(time >= 1)) throw new UsageError(`--time is ${values.time}: a number from 1 on`);
  const client = clientNames.find((name) => name === values.client);
  if (values.client !== undefined && !client)
    throw new UsageError(`--client is ${values.client}: ${clientNames.join(' or ')}`);
  const environment = (['auto', 'native', 'docker'] as const).find((name) => name === (values.environment ?? 'auto'));
  if (!environment) throw new UsageError(`--environment is ${values.environment}: native or docker`);
  return { folder, time, clients: client ? [client] : clientNames, environment, out: values.out ?? 'chaos-results' };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        time: { type: 'string' },
        client: { type: 'string' },
        environment: { type: 'string' },
        out: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function run({ folder, time, clients, environment, out }: Usage, signal: AbortSignal): Promise<number> {
  const recordings = await readRecordings(folder);
  // Before anything is started: whatever of the recordings cannot be used.
  for (const recording of recordings) {
    recordedSettings(recording);
    recordedDataBytes(recording);
  }
  const results = await newResultsFolder(out, realClock);
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  await using harness = await Harness.start(environment, { progress: say, clock: realClock, subjects: 0, signal });
  say(`${counted(recordings.length, 'recording')} from ${folder}, ${clients.join(' and ')}, time divided by ${time}`);
  const compared = await runVectors(harness, {
    ...{ recordings, clients, time, results, signal },
    clock: realClock,
    onResult: (result) => process.stdout.write(`${resultText(result, results)}\n`),
  });
  process.stdout.write(`${summary(compared, recordings)}\n`);
  if (compared.some(({ outcome }) => outcome === 'disagree')) return 1;
  return compared.some(({ outcome }) => outcome === 'broken') ? 2 : 0;
}

function resultText(result: VectorResult, results: string): string {
  const { recording, client, outcome, comparison, requests, tookMs, reason, folder } = result;
  const words = { agree: 'agree   ', disagree: 'DISAGREE', broken: 'broken  ' }[outcome];
  const name = `${words}  ${recording.padEnd(36)} ${client.padEnd(8)}`;
  if (outcome === 'broken') return `${name} ${reason}`;
  const line = `${name} ${String(requests).padStart(2)} requests, ${(tookMs / 1000).toFixed(1)} s`;
  if (outcome === 'agree') return line;
  const history = `history: ${join(results, folder, 'history.ndjson')}`;
  return [
    ...[line, ''],
    ...(reason === undefined ? [] : [`our writer did not come to an end: ${reason}`, '']),
    ...(comparison ? [diffText(comparison, process.stdout.columns)] : []),
    ...['', history, ''],
  ].join('\n');
}

function summary(compared: readonly VectorResult[], recordings: readonly Recording[]): string {
  const agree = compared.filter(({ outcome }) => outcome === 'agree').length;
  const versions = [...new Set(recordings.map(({ tempo }) => tempo))].join(', ');
  const rest = (['disagree', 'broken'] as const).flatMap((outcome) => {
    const count = compared.filter((result) => result.outcome === outcome).length;
    return count > 0 ? [`${count} ${outcome}`] : [];
  });
  return [`${agree} of ${compared.length} agree with Tempo ${versions}`, ...rest].join(', ');
}
