import { expect, it } from 'vitest';
import { exampleFault, examplePath } from '../up/example-path.ts';
import { plain } from './paint.ts';
import { type StatusReport, statusText } from './status-report.ts';

const at = '2026-01-01T00:01:20.000Z';
const status = (changed: Partial<StatusReport>) =>
  statusText({ format: 1, at, path: examplePath(), inForce: [], healed: [], ...changed }, 100, plain);

it('tells that nothing is in force', () => {
  expect(status({})).toBe('up 00000a for 1m20s: http://127.0.0.1:4711, bucket tempo\n\nnothing is in force\n');
});

it('tells what is in force, since when, for how long still, and what it did so far', () => {
  const inForce = [
    exampleFault({ healsAt: '2026-01-01T00:01:30.000Z' }),
    exampleFault({ id: '2-stall', evidence: { fired: 0, unit: 'bytes' } }),
    exampleFault({ id: '3-latency', state: 'heal-failed', error: 'Toxiproxy does not answer' }),
    exampleFault({ id: '4-dns-failure', state: 'half-injected', error: 'no answer' }),
  ];
  const healed = [
    exampleFault({
      id: '0-s3-error',
      state: 'healed',
      healedAt: '2026-01-01T00:01:05.000Z',
      evidence: { fired: 0, unit: 'requests' },
    }),
  ];
  expect(status({ inForce, healed }).split('\n').slice(1)).toEqual([
    '',
    'in force',
    '  1-s3-error     for 20s, 10s left  12 requests (considered 40)',
    '  2-stall        for 20s            it has not taken effect so far: no byte met it',
    '  3-latency      for 20s            COULD NOT BE HEALED: Toxiproxy does not answer',
    '  4-dns-failure  for 20s            INJECTED BY HALF: no answer',
    '',
    'healed',
    '  0-s3-error  5s, 15s ago  it never took effect: no request matched',
    '',
  ]);
});

it('shows the last five that were healed', () => {
  const healed = [9, 8, 7, 6, 5, 4].map((number) =>
    exampleFault({ id: `${number}-s3-error`, state: 'healed', healedAt: at }),
  );
  const text = status({ healed });
  expect(text).toContain('5-s3-error');
  expect(text).not.toContain('4-s3-error');
});

it('obeys nothing that a fault says', () => {
  expect(status({ inForce: [exampleFault({ state: 'heal-failed', error: '\u001b[2Jgone' })] })).not.toContain('\u001b');
});
