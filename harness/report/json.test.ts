import { expect, it } from 'vitest';
import { exampleResult, exampleRun } from './example-run.ts';
import { jsonDocument } from './json.ts';

it('is one document that holds what the result holds', () => {
  const run = exampleRun([exampleResult(), exampleResult({ client: 'minio' })]);
  const text = jsonDocument(run);
  expect(JSON.parse(text)).toEqual(run);
  expect(text.endsWith('}\n')).toBe(true);
});

it('has what machines were promised', () => {
  const { verdict, scenarios } = JSON.parse(jsonDocument(exampleRun([exampleResult()])));
  expect(verdict).toBe('pass');
  expect(scenarios[0]).toMatchObject({
    name: 'slowdown-burst',
    client: 'aws-sdk',
    seed: 42,
    verdict: 'pass',
    findings: [{ checker: 'durability', verdict: 'pass', message: expect.any(String) }],
    faults: [{ name: 's3-error', fired: 18 }],
    blocks: { cut: 8, flushed: 8, readBack: 8, lost: 0 },
    requests: { needed: 40, sent: 58 },
    recovery: { ms: 12_345, budgetMs: 180_000 },
  });
});

it('refuses a figure that would silently become null', () => {
  expect(() => jsonDocument({ recovery: { ms: Number.NaN } })).toThrow('report: "ms" is NaN, which JSON cannot hold');
});
