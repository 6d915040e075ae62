import { expect, it } from 'vitest';
import type { FaultReport } from '../up/protocol.ts';
import { evidenceWords, neverTookEffect } from './evidence-words.ts';

const report = (
  evidence: FaultReport['evidence'],
  state: FaultReport['state'] = 'healed',
  error: string | null = null,
) => ({ evidence, state, error }) as FaultReport;

it.each([
  [{ fired: 12, unit: 'requests', measured: { considered: 40 } }, '12 requests (considered 40)'],
  [
    { fired: 1, unit: 'connections', measured: { bytesPerSecond: 100_000, seconds: 3.909960041999817 } },
    '1 connection (bytes per second 100000, seconds 3.91)',
  ],
  [{ fired: 1, unit: 'requests' }, '1 request'],
  [{ fired: 1, unit: 'queries' }, '1 query'],
  [{ fired: 1, unit: 'disk operations' }, '1 disk operation'],
  [{ fired: 0, unit: 'requests', measured: { considered: 0 } }, 'it never took effect: no request matched'],
  [
    { fired: 0, unit: 'requests', measured: { considered: 7 } },
    'it never took effect: 7 requests matched, and none was hit',
  ],
  [{ fired: 0, unit: 'times' }, 'it never took effect: there were no times of it'],
] as const)('%j is told as: %s', (evidence, words) => {
  expect(evidenceWords(report(evidence))).toBe(words);
});

it('tells why a fault of DNS may have met no query', () => {
  expect(evidenceWords(report({ fired: 0, unit: 'queries' }))).toMatch(
    /endpoint by address, or keeps its connections open/,
  );
});

it('tells of one that is in force yet that it did nothing so far', () => {
  expect(evidenceWords(report({ fired: 0, unit: 'requests' }, 'in-force'))).toBe(
    'it has not taken effect so far: no request matched',
  );
});

it('takes what is not counted for no proof that it did nothing, nor for a proof of anything', () => {
  const uncounted = report({ fired: null, unit: 'requests' });
  expect(evidenceWords(uncounted)).toMatch(/does not count where it acts/);
  expect([uncounted, report(null), report({ fired: 0, unit: 'requests' })].map(neverTookEffect)).toEqual([
    false,
    false,
    true,
  ]);
});

it('tells what keeps it from being known', () => {
  expect(evidenceWords(report(null, 'in-force', 'the gateway does not answer'))).toBe('the gateway does not answer');
});
