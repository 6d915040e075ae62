import { expect, test } from 'vitest';
import { prepare } from '../scenario/run.ts';
import type { RunResult, ScenarioResult } from '../scenario/run-result.ts';
import { falseAlarmRuns, rounds, survivable, tally } from './false-alarms.ts';
import { falseAlarmPage, falseAlarmReport } from './false-alarms-report.ts';

const common = { environment: 'native', out: 'out', atOnce: 8 } as const;

test('at least 200 runs through both clients, each round with a seed and settings of its own', () => {
  const runs = falseAlarmRuns(7, common);
  expect(
    runs.reduce((sum, { scenarios, clients }) => sum + scenarios.length * clients.length, 0),
  ).toBeGreaterThanOrEqual(200);
  expect(runs.map(({ seed }) => seed)).toEqual([7, 8, 9, 10, 11]);
  expect(new Set(runs.map(({ set }) => set.join()))).toHaveProperty('size', rounds.length);
});

test('every scenario expects to pass, with the settings of every round', async () => {
  for (const run of falseAlarmRuns(1, common)) {
    const { runs } = await prepare(run);
    expect(runs).toHaveLength(survivable.length * 2);
    expect(runs.filter(({ scenario }) => scenario.expect.verdict !== 'pass')).toEqual([]);
  }
});

const result = (name: string, verdict: string, checker: string) =>
  ({
    name,
    client: 'minio',
    seed: 3,
    verdict,
    asExpected: verdict === 'pass',
    findings: [{ checker, verdict, message: 'so much' }],
  }) as unknown as ScenarioResult;

const runs: Pick<RunResult, 'scenarios' | 'set'>[] = [
  { set: [], scenarios: [result('healthy', 'pass', 'durability'), result('tls', 'fail', 'durability')] },
  {
    set: ['policy.keepAlive=false'],
    scenarios: [
      result('healthy', 'inconclusive', 'harness-on-time'),
      // Not late: a fault that was not seen to act is an alarm.
      result('tls', 'inconclusive', 'fault-fired'),
    ],
  },
];

test('what is inconclusive as the harness was late is no alarm, and anything else unexpected is', () => {
  expect(tally(runs)).toEqual([
    { scenario: 'healthy', client: 'minio', runs: 2, asExpected: 1, late: 1, alarms: [] },
    {
      scenario: 'tls',
      client: 'minio',
      runs: 2,
      asExpected: 0,
      late: 0,
      alarms: [
        'tls (minio; seed 3): fail; durability (fail): so much',
        'tls (minio; seed 3, policy.keepAlive=false): inconclusive; fault-fired (inconclusive): so much',
      ],
    },
  ]);
});

test('the report and the page have the sum, and each alarm', () => {
  const tallies = tally(runs);
  const sum = '4 runs, 1 as expected, 1 inconclusive as the harness was late, 2 false alarms';
  expect(falseAlarmReport(tallies).split('\n').slice(-3)).toEqual([...(tallies[1]?.alarms ?? []), sum]);
  const page = falseAlarmPage(tallies, falseAlarmRuns(3, common));
  expect(page).toContain('| healthy | minio | 2 | 1 | 1 | 0 |');
  expect(page).toContain('| all |  | 4 | 1 | 1 | 2 |');
  expect(page).toContain(`${sum}.`);
  expect(page).toContain('- tls (minio; seed 3): fail; durability (fail): so much');
});
