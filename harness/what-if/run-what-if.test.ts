import { describe, expect, it } from 'vitest';
import type { ScenarioEvent } from '../history/events.ts';
import { HistoryError } from '../history/history-error.ts';
import { Compression } from '../scenario/compression.ts';
import { prepare } from '../scenario/run.ts';
import { exampleExplained } from './example-explained.ts';
import { changed, subjectOf } from './run-what-if.ts';

const { runs } = await prepare({ scenarios: ['tempo-4361-network'], clients: ['minio'], set: [] });
const [run] = runs;
if (!run) throw new Error('nothing was prepared');
const { scenario, settings } = run;
const { time, bytes } = scenario.compression;

/** As a history has it: through JSON, and compressed. */
function recorded(other: Partial<ScenarioEvent> = {}): ScenarioEvent {
  const event: ScenarioEvent = {
    ...exampleExplained().scenario,
    name: scenario.name,
    client: 'minio',
    seed: scenario.seed,
    scenario,
    compression: scenario.compression,
    settings: new Compression(time, bytes).settings(settings),
    ...other,
  };
  return JSON.parse(JSON.stringify(event));
}

describe('a scenario out of a history', () => {
  it('is what was run: the same timeline, load, client and settings', () => {
    const subject = subjectOf(recorded());
    expect(subject.scenario).toEqual(scenario);
    expect(subject.client).toBe('minio');
    expect(subject.settings.policy).toEqual(settings.policy);
    expect(subject.settings.blocks).toEqual(settings.blocks);
  });

  it.each([
    [{ client: 'boto3' }, 'there is no client "boto3"'],
    [
      { scenario: { ...scenario, timeline: [{ at: 0, for: 1, fault: 'solar-flare', with: {} }] } },
      'there is no fault "solar-flare"',
    ],
  ])('is refused when this version cannot run it: %j', (other, problem) => {
    expect(() => subjectOf(recorded(other))).toThrow(HistoryError);
    expect(() => subjectOf(recorded(other))).toThrow(problem);
  });
});

describe('one setting changed', () => {
  const subject = subjectOf(recorded());

  it('is one setting, and nothing else', () => {
    const { scenario: same, settings: other } = changed(subject, 'ingester.flush_op_timeout=10m');
    expect(same).toEqual(subject.scenario);
    expect(other).toEqual({ ...subject.settings, policy: { ...subject.settings.policy, flushOpTimeout: 600_000 } });
  });

  it('leaves as it was what it is to be compared with', () => {
    expect(changed(subject)).toEqual({ scenario: subject.scenario, settings: subject.settings });
  });

  it('sends the same data in more blocks when they are smaller', () => {
    const half = subject.settings.blocks.maxBlockBytes / 2;
    expect(changed(subject, `ingester.max_block_bytes=${half}`).scenario.load.blocks).toBe(2 * scenario.load.blocks);
  });
});
