import { describe, expect, it } from 'vitest';
import type { Finding } from '../checkers/checker.ts';
import { faults } from '../faults/catalogue.ts';
import type { ClientName } from '../object-store/clients.ts';
import { exampleResult } from '../report/example-run.ts';
import type { ScenarioResult } from '../scenario/run-result.ts';
import { type ScenarioInput, scenarioSchema } from '../scenario/scenario.ts';
import { parseDuration } from '../tempo/go-duration.ts';
import type { Drawn, DrawnEntry } from './drawn.ts';
import { entry } from './example-drawn.ts';
import { exampleSettings } from './example-settings.ts';
import type { SoFar } from './explore-result.ts';
import { exploreTimelines } from './explore-timelines.ts';

const settings = exampleSettings();
const timeline = (number: number, ...entries: DrawnEntry[]): Drawn => ({
  explored: { seed: 7, number },
  seed: 100 + number,
  writers: 1,
  entries,
});

const latency = entry('latency', 5, 60, { latency: '500ms' });
const full = entry('disk-full', 70, 100, { capacity: '1GB' });
const stall = entry('stall', 200, 40);

const lost: Finding = { checker: 'durability', verdict: 'fail', message: '2 of 6 blocks were lost' };
const late: Finding = { checker: 'harness-on-time', verdict: 'inconclusive', message: 'it was late' };

/** What becomes of a scenario, by the faults that it has; `time`: how often that folder's scenario was run before. */
type Judge = (scenario: ScenarioInput, client: ClientName, folder: string) => Finding[];

const diskIsFull: Judge = ({ timeline = [] }) =>
  timeline.some((one) => one.fault === 'disk-full' && parseDuration(String(one.for)) >= 30_000) ? [lost] : [];

async function explored(timelines: Drawn[], judge: Judge, clients: ClientName[] = ['minio']) {
  const ran: string[] = [];
  const kept: string[] = [];
  const written: ScenarioInput[] = [];
  const told: SoFar[] = [];
  const phases: string[] = [];
  const result = await exploreTimelines({
    timelines,
    clients,
    faults,
    settings,
    atOnce: 2,
    isPossible: (scenario) => scenarioSchema.safeParse(scenario).success,
    async run(scenario, client, folder, keep): Promise<ScenarioResult> {
      ran.push(folder);
      if (keep) kept.push(folder);
      const findings = judge(scenario, client, folder);
      const verdicts = findings.map(({ verdict }) => verdict);
      const verdict = verdicts.includes('fail') ? 'fail' : verdicts.includes('inconclusive') ? 'inconclusive' : 'pass';
      const acted = (scenario.timeline ?? []).map(({ fault = '' }, index) => ({
        id: `${index + 1}-${fault}`,
        name: fault,
        fired: 3,
        unit: 'requests',
      }));
      return exampleResult({
        name: scenario.name,
        client,
        verdict,
        findings,
        folder,
        faults: acted,
        explanation: 'why',
      });
    },
    async write(scenario, client) {
      written.push(scenario);
      return { file: `${scenario.name}.yaml`, command: `run ${scenario.name}.yaml --client ${client}` };
    },
    observer: { phase: (line) => phases.push(line), progressed: (soFar) => told.push(soFar) },
  });
  return { ...result, ran, kept, written, told, phases };
}

describe('exploring', () => {
  it('finds nothing where nothing fails, and counts what acted', async () => {
    const result = await explored([timeline(1, latency), timeline(2, latency, stall)], () => [], ['minio', 'aws-sdk']);
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0, findings: [], written: [] });
    expect(result.timelines.map(({ number, client }) => `${number} ${client}`)).toEqual([
      '1 minio',
      '1 aws-sdk',
      '2 minio',
      '2 aws-sdk',
    ]);
    expect(result.coverage.filter(({ drawn }) => drawn > 0)).toEqual([
      { fault: 'latency', drawn: 4, acted: 4, fired: 12, unit: 'requests' },
      { fault: 'stall', drawn: 2, acted: 2, fired: 6, unit: 'requests' },
    ]);
    expect(result.spent).toEqual({ timelines: 4, again: 0, shrinking: 0, confirming: 0 });
  });

  it('makes what it finds as small as it can be, confirms it three times, and writes it', async () => {
    const { findings, written, exitCode, verdict, spent, ran } = await explored(
      [timeline(1, latency), timeline(2, latency, full, stall)],
      diskIsFull,
    );
    expect({ exitCode, verdict }).toEqual({ exitCode: 1, verdict: 'fail' });
    expect(findings).toMatchObject([
      {
        name: 'explored-7-2',
        number: 2,
        cause: 'durability',
        drawn: 'latency for 1m, disk-full for 1m40s, stall for 40s',
        smallest: 'disk-full for 30s',
        confirmed: { times: 3, of: 3 },
        file: 'explored-7-2.yaml',
        alike: [],
      },
    ]);
    expect(written).toMatchObject([
      {
        name: 'explored-7-2',
        seed: 102,
        about: 'Found by explore, seed 7, timeline 2 (minio): durability fails with disk-full for 30s.',
        timeline: [{ at: '0s', for: '30s', fault: 'disk-full', with: { capacity: '1GB' } }],
        expect: { verdict: 'fail', cause: 'durability', lost: 0 },
      },
    ]);
    expect(scenarioSchema.safeParse(written[0]).success).toBe(true);
    expect(spent).toMatchObject({ timelines: 2, confirming: 3, shrinking: findings[0]?.shrinking.runs });
    expect(ran).toHaveLength(2 + 3 + spent.shrinking);
  });

  it('is judged, however small it was made, by the budgets of the timeline that was drawn', async () => {
    const { written } = await explored([timeline(2, { ...latency, for: 600_000 }, full)], diskIsFull);
    expect(written[0]?.expect).toEqual({ verdict: 'fail', cause: 'durability', lost: 0, recoveredWithin: '11m' });
  });

  it('keeps no history of what was tried to make it smaller', async () => {
    const { kept } = await explored([timeline(2, full, stall)], diskIsFull);
    expect(kept.filter((folder) => folder.includes('smaller'))).toEqual([]);
    expect(kept).toHaveLength(4);
  });

  it('takes only what fails by the same checker for a smaller one', async () => {
    const { findings } = await explored([timeline(1, latency, full)], ({ timeline = [] }) => {
      if (timeline.length === 2) return [lost];
      return [{ ...lost, checker: 'visible-within' }];
    });
    expect(findings[0]?.smallest).toBe('latency for 10s, disk-full for 10s');
  });

  it('counts another timeline with the same faults, and the same one through another client, with it', async () => {
    const timelines = [timeline(1, full), timeline(2, latency, full), timeline(3, latency)];
    const { findings } = await explored(timelines, diskIsFull, ['minio', 'aws-sdk']);
    expect(findings).toHaveLength(1);
    expect(findings[0]?.alike).toEqual(['explored-7-1 (aws-sdk)', 'explored-7-2 (minio)', 'explored-7-2 (aws-sdk)']);
  });

  it('makes three of them small, and names the others', async () => {
    const kinds = ['latency', 'stall', 'slicer', 'flapping'];
    const timelines = kinds.map((fault, index) => timeline(index + 1, entry(fault, 0, 40)));
    const { findings, notShrunk } = await explored(timelines, () => [lost]);
    expect(findings.map(({ name }) => name)).toEqual(['explored-7-1', 'explored-7-2', 'explored-7-3']);
    expect(notShrunk).toEqual(['explored-7-4 (minio): durability']);
  });
});

describe('what is inconclusive', () => {
  it('is run once more, and counts then', async () => {
    const { timelines, spent, exitCode } = await explored([timeline(1, latency)], (_, __, folder) =>
      folder.endsWith('once-more') ? [] : [late],
    );
    expect(timelines).toMatchObject([{ verdict: 'pass', again: true }]);
    expect(spent).toMatchObject({ timelines: 1, again: 1 });
    expect(exitCode).toBe(0);
  });

  it('is no finding, and says why', async () => {
    const { timelines, findings, exitCode, verdict } = await explored([timeline(1, latency)], () => [late]);
    expect({ exitCode, verdict, findings }).toEqual({ exitCode: 2, verdict: 'inconclusive', findings: [] });
    expect(timelines).toMatchObject([{ verdict: 'inconclusive', reason: 'harness-on-time: it was late' }]);
  });

  it('does not hide that others passed', async () => {
    const { exitCode } = await explored([timeline(1, latency), timeline(2, stall)], ({ name }) =>
      name === 'explored-7-1' ? [late] : [],
    );
    expect(exitCode).toBe(0);
  });

  it('is a fault that was not healed, too: that is not for the config to answer', async () => {
    const { timelines } = await explored([timeline(1, latency)], () => [{ ...lost, checker: 'path-healed' }]);
    expect(timelines).toMatchObject([{ verdict: 'inconclusive' }]);
  });

  it('is no smaller timeline that fails', async () => {
    const { findings } = await explored([timeline(1, latency, full)], ({ timeline = [] }) =>
      timeline.length === 2 ? [lost] : [late],
    );
    expect(findings[0]?.smallest).toContain('latency');
  });
});

describe('what does not fail each time', () => {
  it('is not kept so small: a larger one that does is', async () => {
    // Under a minute it fails in the first run alone.
    const { findings } = await explored([timeline(1, { ...full, for: 240_000 })], ({ timeline = [] }, _, folder) => {
      const length = parseDuration(String(timeline[0]?.for));
      return length >= 60_000 || (length >= 30_000 && !folder.includes('step')) ? [lost] : [];
    });
    expect(findings).toMatchObject([{ smallest: 'disk-full for 1m', confirmed: { times: 3, of: 3 } }]);
  });

  it('is a finding all the same, which says how often it failed', async () => {
    const { findings, written, exitCode } = await explored([timeline(1, full)], (_, __, folder) =>
      folder === 'explored-7-1-minio' || folder.endsWith('again-2') ? [lost] : [],
    );
    expect(exitCode).toBe(1);
    expect(findings).toMatchObject([{ smallest: 'disk-full for 1m40s', confirmed: { times: 1, of: 3 } }]);
    expect(written).toHaveLength(1);
  });
});

it('is written as it was drawn where it never failed again', async () => {
  const { findings } = await explored([timeline(1, latency, full)], ({ timeline: faultsOf = [] }, _, folder) =>
    !folder.includes('step') && faultsOf.some(({ fault }) => fault === 'disk-full') ? [lost] : [],
  );
  expect(findings).toMatchObject([
    {
      smallest: 'latency for 1m, disk-full for 1m40s',
      confirmed: { times: 0, of: 3 },
      evidence: ['explored-7-1-minio'],
    },
  ]);
});

it('tells what was done after each timeline and each finding, for whoever stops it', async () => {
  const { told, phases } = await explored([timeline(1, latency), timeline(2, full)], diskIsFull);
  expect(told.map(({ done }) => done)).toEqual([1, 2, 2]);
  expect(told.at(-1)).toEqual({
    done: 2,
    of: 2,
    passed: 1,
    inconclusive: 0,
    failed: ['explored-7-2 (minio): durability'],
    written: ['explored-7-2.yaml'],
  });
  expect(phases).toEqual(['explored-7-2 (minio) failed by durability: making its timeline smaller']);
});

it('ends when a run is told to stop', async () => {
  const stopped = new Error('interrupted');
  const stopping = explored([timeline(1, latency), timeline(2, full)], () => {
    throw stopped;
  });
  await expect(stopping).rejects.toBe(stopped);
});
