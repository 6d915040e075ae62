import { describe, expect, it } from 'vitest';
import { attributionReport } from './attribution-report.ts';
import { planScenarios } from './planned.ts';
import type { Judged } from './score.ts';

const { scenarios } = planScenarios(42);
const singles = scenarios.filter(({ name }) => /^single-\d+$/.test(name));

/** Each blamed on the side that was planted, but for the first few. */
function all(wrong: number): Judged[] {
  return singles.slice(0, 40).map((planned, index) => {
    const [main = 'client'] = planned.sides;
    const side = index < wrong ? (main === 's3' ? 'network' : 's3') : main;
    const cause = planned.called[0] ?? 'dns';
    return {
      planned,
      truth: { main, lostMs: { [main]: 61_000 } },
      blame: { lostMs: 61_000, flushes: 3, causes: [{ side, cause, share: 1, ms: 61_000 }] },
    };
  });
}

describe('the report of the attribution bench', () => {
  it('meets its goal at 95 % and not below', () => {
    expect(attributionReport(all(2), 42).measurements[0]).toMatchObject({ value: '95.0 % (38 of 40)', met: true });
    expect(attributionReport(all(3), 42).measurements[0]).toMatchObject({ value: '92.5 % (37 of 40)', met: false });
  });

  it('names each miss, what it really was, and the command that runs it again', () => {
    const { text } = attributionReport(all(1), 7);
    const first = singles[0];
    expect(text).toContain(
      `${first?.name}: ${first?.planted}, through ${first?.client}: blamed s3 (pool, the side 100 %); really client 1m1s`,
    );
    expect(text).toContain(`npm run bench -- attribution --seed 7 --only '^${first?.name}$'`);
    expect(text.match(/--only/g)).toHaveLength(1);
  });

  it('tells what was not counted, and why', () => {
    const [one] = all(0);
    const { text, measurements } = attributionReport(
      [{ ...(one as Judged), truth: { notCounted: 'next to nothing was lost', lostMs: {} } }],
      42,
    );
    expect(text).toMatch(/not counted: 1\n.*next to nothing was lost/);
    expect(measurements[0]).toEqual({ what: 'single causes, the side right', value: 'none counted' });
  });
});
