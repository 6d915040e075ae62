import { describe, expect, it } from 'vitest';
import type { ExploreResult } from '../explore/explore-result.ts';
import { exampleExploration, exampleFinding, exampleTimeline } from './example-exploration.ts';
import { exploreReport } from './explore-report.ts';
import { plain } from './paint.ts';

const report = (changed: Partial<ExploreResult> = {}) => exploreReport(exampleExploration(changed), 100, plain);
const lastLine = (text: string) => text.trimEnd().split('\n').at(-1);

describe('an exploration that found nothing', () => {
  it('says what acted, what was judged, and how long the longest outage was', () => {
    expect(report()).toBe(`fault     drawn  acted  how often in all
s3-error      1      1  18 requests
latency       1      1  30 requests
not drawn in 1 timeline: stall

Nothing was found: all were judged by whether they lost data and recovered, 1 of 1 also by how soon
each block was visible, 1 by whether a flush ran into its deadline: the others leave no room for
that.

pass: 1 timeline of seed 7 through minio: 1 passed, none lost data, the longest outage lasted 1m; 1 run in 32 s; results in chaos-results/2026-01-01T00-00-00-abcd
`);
  });

  it('does not count what was inconclusive, and says why it was', () => {
    const undecided = exampleTimeline({ number: 2, name: 'explored-7-2', verdict: 'inconclusive', outageMs: 600_000 });
    const text = report({ timelines: [exampleTimeline(), { ...undecided, reason: 'harness-on-time: it was late' }] });
    expect(text).toContain(
      'inconclusive  explored-7-2 (minio), twice: s3-error for 40s, latency for 1m\n    harness-on-time',
    );
    expect(lastLine(text)).toMatch(
      /^pass: .*: 1 passed, none lost data, the longest outage lasted 1m, 1 inconclusive;/,
    );
  });

  it('says that nothing is known when all were', () => {
    const timelines = [exampleTimeline({ verdict: 'inconclusive', reason: 'history-whole: MinIO died' })];
    const text = report({ verdict: 'inconclusive', exitCode: 2, timelines });
    expect(text).not.toContain('Nothing was found');
    expect(lastLine(text)).toMatch(/^inconclusive: .*: all were inconclusive, which says nothing about the config;/);
  });
});

describe('a finding', () => {
  const timelines = [
    exampleTimeline(),
    exampleTimeline({ number: 2, name: 'explored-7-2', verdict: 'fail', cause: 'durability' }),
  ];
  const found = (changed = {}): Partial<ExploreResult> => ({
    verdict: 'fail',
    exitCode: 1,
    runs: 2,
    timelines,
    findings: [exampleFinding(changed)],
    spent: { timelines: 2, again: 0, shrinking: 11, confirming: 3 },
  });

  it('is told with its explanation, its smallest timeline, and the command that runs it again', () => {
    const text = report(found());
    expect(text).toContain(`fail  explored-7-2 (minio): durability
    2 of 6 blocks were lost: a flush that failed is not tried again.
    drawn:     s3-error for 40s, latency for 1m
    smallest:  s3-error for 20s (11 runs to make it smaller)
    confirmed: failed 3 of 3 times more
    scenario:  chaos-results/2026-01-01T00-00-00-abcd/explored-7-2.yaml
    evidence:  chaos-results/2026-01-01T00-00-00-abcd/explored-7-2-minio-step-3-again-1/
    again:     npx tempo-s3-chaos run chaos-results/2026-01-01T00-00-00-abcd/explored-7-2.yaml --client minio --seed 1234
`);
    expect(text).not.toContain('Nothing was found');
    expect(lastLine(text)).toMatch(
      /^fail: 2 timelines of seed 7 through minio: 1 failed \(1 finding\), 1 passed; 16 runs in 32 s;/,
    );
  });

  it('says when it did not fail each time, and when runs were wanting', () => {
    expect(report(found({ confirmed: { times: 1, of: 3 } }))).toContain('and 1 times in 3 runs more');
    expect(report(found({ confirmed: { times: 0, of: 3 } }))).toContain('and not once in 3 runs more');
    expect(report(found({ shrinking: { runs: 48, stopped: true } }))).toContain('48 runs to make it smaller, no more');
  });

  it('names what is taken to be the same, and what was not looked into', () => {
    const text = report({
      ...found({ alike: ['explored-7-3 (minio)'] }),
      notShrunk: ['explored-7-9 (minio): atomicity'],
    });
    expect(text).toContain('    alike:     explored-7-3 (minio), with the same faults or more');
    expect(text).toContain('explored-7-9 (minio): atomicity');
  });
});

it('says what was left out, and why', () => {
  const text = report({ leftOut: [{ fault: 'tls-handshake', why: 'it acts on TLS' }] });
  expect(text).toMatch(/left out:\n {2}tls-handshake +it acts on TLS\n/);
});
