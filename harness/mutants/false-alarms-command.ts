/** `npm run mutants -- false-alarms`. Exit codes: 0 no false alarm, 1 one at least, 3 could not run. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../process/child.ts';
import { jsonDocument } from '../report/json.ts';
import { runEach } from '../scenario/run.ts';
import { falseAlarmRuns, tally } from './false-alarms.ts';
import { falseAlarmPage, falseAlarmReport } from './false-alarms-report.ts';
import { numberFrom } from './number-option.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

export async function falseAlarmsCommand(argv: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      'at-once': { type: 'string', default: '8' },
      seed: { type: 'string', default: '1' },
      rounds: { type: 'string' },
      json: { type: 'boolean' },
      keep: { type: 'boolean' },
      'write-docs': { type: 'boolean' },
    },
  });
  const atOnce = numberFrom(1, '--at-once', values['at-once']);
  const seed = numberFrom(0, '--seed', values.seed);
  const rounds = values.rounds === undefined ? undefined : numberFrom(1, '--rounds', values.rounds);
  const out = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-false-alarms-'));
  if (values.keep) say(`the histories stay in ${out}`);
  const chosen = falseAlarmRuns(seed, { environment: 'auto', out, atOnce }).slice(0, rounds);
  try {
    const runs = await runEach(chosen, observer, signal);
    const tallies = tally(runs);
    process.stdout.write(values.json ? jsonDocument({ format: 1, tallies }) : `${falseAlarmReport(tallies)}\n`);
    if (values['write-docs'])
      await writeFile(join(packageRoot, 'docs', 'false-alarms.md'), falseAlarmPage(tallies, chosen));
    return tallies.some(({ alarms }) => alarms.length > 0) ? 1 : 0;
  } finally {
    if (!values.keep) await rm(out, { recursive: true, force: true });
  }
}

const observer: Parameters<typeof runEach>[1] = {
  warning: say,
  preparing: say,
  environmentUp: say,
  scenarioStarted() {},
  scenarioProgress() {},
  scenarioFinished({ name, client, seed, verdict, asExpected }) {
    if (!asExpected) say(`${verdict}: ${name} (${client}), seed ${seed}`);
  },
};
