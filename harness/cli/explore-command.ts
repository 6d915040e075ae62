/** `tempo-s3-chaos explore`: seeded random timelines on one config; a failing one is made small, and kept as a scenario. */
import { randomInt } from 'node:crypto';
import { type Command, Option } from 'commander';
import { counted, listed } from '../checkers/counted.ts';
import type { SoFar } from '../explore/explore-result.ts';
import { type Intensity, intensities } from '../explore/intensity.ts';
import { exploreReport } from '../report/explore-report.ts';
import { jsonDocument } from '../report/json.ts';
import { paintFor } from '../report/paint.ts';
import type { CommandContext } from './command-context.ts';
import { addCommonOptions, type CommonOptions, integerFrom, named, oneOf, toRunOptions } from './options.ts';
import { progressFor } from './progress-for.ts';
import { resultColumns } from './terminal.ts';

const USUAL_RUNS = 50;
/** So many take a day. */
const MOST_RUNS = 10_000;

const example = `
Timelines of one to four faults are drawn from the whole catalogue, weighted by
what production sees, run and judged: whether data was lost, whether the writer
recovered, and the budgets that the timeline leaves room for. A failing one is
made as small as it can be, run three times more, and written as a scenario. The
same seed gives the same timelines.

Exit code: 0 nothing was found, 1 something was, 2 all were inconclusive,
3 could not run.

Example:
  $ tempo-s3-chaos explore --seed 7 --runs 50 --config tempo.yaml
  $ tempo-s3-chaos explore --faults s3-error,latency --intensity harsh`;

interface ExploreCommandOptions extends CommonOptions {
  config?: string;
  runs: number;
  faults?: string[];
  intensity: Intensity;
}

export function addExploreCommand(program: Command, { harness, terminal, interruption, end }: CommandContext): void {
  const command = program
    .command('explore')
    .description('run seeded random timelines on a config of Tempo, and make those that fail small')
    .summary('look for outages that a config does not survive')
    .option('--config <file>', "Tempo's YAML file")
    .addOption(
      new Option('--runs <n>', 'timelines, each run through each client')
        .argParser(integerFrom(1, '--runs', MOST_RUNS))
        .default(USUAL_RUNS),
    )
    .addOption(
      new Option(
        '--faults <names>',
        'draw from these alone, separated by commas (default: all that can be survived)',
      ).argParser((value: string) => value.split(',').map((name) => name.trim())),
    )
    .addOption(
      new Option('--intensity <name>', `how many faults, how long and how bad: ${intensities.join(', ')}`)
        .argParser((value: string) => oneOf('intensity', '--intensity', value, intensities))
        .default('usual'),
    );
  addCommonOptions(command, { client: 'minio', seed: 'what the timelines are drawn from (default: another each time)' })
    .addHelpText('after', example)
    .action(async (options: ExploreCommandOptions) => {
      const { config, runs, intensity, seed = randomInt(2 ** 32), client, faults: only } = options;
      const all = only ? await harness.faults() : [];
      for (const name of only ?? []) named('fault', name, all);
      const { scenarios: _, ...common } = toRunOptions([], config, options);
      const progress = progressFor(terminal);
      let soFar: SoFar | undefined;
      const observer = {
        ...progress,
        phase: (line: string) => progress.say(line),
        progressed(told: SoFar) {
          soFar = told;
        },
      };
      progress.say(`seed ${seed}: ${counted(runs, 'timeline')}`);
      try {
        const result = await interruption.during(
          (signal) =>
            harness.explore(
              {
                ...common,
                clients: client.length > 0 ? client : ['minio'],
                seed,
                runs,
                intensity,
                ...(only && { faults: [...new Set(only)] }),
              },
              observer,
              signal,
            ),
          progress.say,
        );
        progress.close();
        const paint = paintFor(terminal.stdout, terminal.environment);
        terminal.stdout.write(
          options.json ? jsonDocument(result) : exploreReport(result, resultColumns(terminal), paint),
        );
        end(result.exitCode);
      } catch (error) {
        if (soFar) progress.say(saySoFar(soFar, seed));
        throw error;
      } finally {
        progress.close();
      }
    });
}

/** `stopped after 12 of 50 (seed 7): 10 passed, 1 inconclusive, 1 failed: explored-7-3 (minio): durability; written: ...`. */
function saySoFar({ done, of, passed, inconclusive, failed, written }: SoFar, seed: number): string {
  const failures = failed.length > 0 ? `${failed.length} failed: ${listed(failed, 10)}` : 'none failed';
  const files = written.length > 0 ? `; written: ${written.join(', ')}` : '';
  return `stopped after ${done} of ${of} (seed ${seed}): ${passed} passed, ${inconclusive} inconclusive, ${failures}${files}`;
}
