import { expect, it } from 'vitest';
import type { Demonstration } from '../faults/demonstration.ts';
import { demonstrationScenario, scenarioYaml } from './demonstrations.ts';
import { parseScenario } from './read-scenario.ts';
import { scenarioSchema } from './scenario.ts';

const demonstration: Demonstration = {
  about: 'S3 throttles: half of the writes, and later all.',
  compression: { time: 20 },
  load: { rate: '12MB/s', blocks: 4 },
  set: { 'policy.attempts': 3 },
  timeline: [
    { at: '5s', for: '1m', with: { code: 'SlowDown', operations: ['PutObject', 'UploadPart'], probability: 0.5 } },
    { at: '2m', for: '30s', fault: 'latency', with: { latency: '500ms' } },
    { at: '3m', for: '10s' },
  ],
  expect: { verdict: 'fail', cause: 'visible-within', lost: 0, visibleWithin: '10m' },
};

it('is a scenario of its own: named after the fault, with seed 42, the fault filled in where none is named', () => {
  const scenario = demonstrationScenario({ name: 's3-error' }, demonstration, 0);
  expect(scenario).toMatchObject({ name: 's3-error', seed: 42, about: demonstration.about, set: demonstration.set });
  expect(scenario.timeline?.map(({ fault }) => fault)).toEqual(['s3-error', 'latency', 's3-error']);
  expect(scenarioSchema.parse(scenario).timeline[0]?.with).toMatchObject({ probability: 0.5 });
});

it('numbers the others, in names that a scenario may have', () => {
  const names = (fault: string) =>
    [0, 1, 9].map((index) => demonstrationScenario({ name: fault }, demonstration, index).name);
  expect(names('s3-error')).toEqual(['s3-error', 's3-error-2', 's3-error-10']);
  expect(names('a'.repeat(45))).toEqual(['a'.repeat(40), `${'a'.repeat(38)}-2`, `${'a'.repeat(37)}-10`]);
});

it('is the same once written to a file and read', () => {
  const scenario = demonstrationScenario({ name: 's3-error' }, demonstration, 1);
  expect(parseScenario(scenarioYaml(scenario), 's3-error-2.yaml')).toEqual(scenarioSchema.parse(scenario));
});

it('is written as the scenarios that ship are', () => {
  expect(scenarioYaml(demonstrationScenario({ name: 's3-error' }, demonstration, 0))).toBe(
    `name: s3-error
about: "S3 throttles: half of the writes, and later all."
seed: 42
compression: { time: 20 }
load: { rate: 12MB/s, blocks: 4 }
set: { policy.attempts: 3 }
timeline:
  - at: 5s
    for: 1m
    fault: s3-error
    with: { code: SlowDown, operations: [ PutObject, UploadPart ], probability: 0.5 }
  - at: 2m
    for: 30s
    fault: latency
    with: { latency: 500ms }
  - at: 3m
    for: 10s
    fault: s3-error
expect:
  verdict: fail
  cause: visible-within
  lost: 0
  visibleWithin: 10m
`,
  );
});
