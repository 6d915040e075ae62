import { expect, it } from 'vitest';
import { listing } from './listing.ts';
import { plain } from './paint.ts';

const all = {
  format: 1 as const,
  scenarios: [
    { name: 'healthy', about: 'Nothing is wrong', file: 'healthy.yaml', expect: { verdict: 'pass' as const } },
    {
      name: 'bandwidth-starved',
      about: 'The uplink is too narrow for a block to get through within its deadline',
      file: 'bandwidth-starved.yaml',
      expect: { verdict: 'fail' as const, cause: 'visible-within' },
    },
  ],
  faults: [{ name: 'latency', about: 'Each way takes longer', place: 'network', example: { latency: '80ms' } }],
};

it('tells what ships, what is expected to fail, and what a fault takes', () => {
  expect(listing(all, 80, plain)).toBe(
    `${[
      'scenarios',
      '  healthy            Nothing is wrong',
      '  bandwidth-starved  The uplink is too narrow for a block to get through within',
      '                     its deadline (expected to fail by visible-within)',
      '',
      'faults',
      '  latency  network: Each way takes longer',
      '           with: {"latency":"80ms"}',
    ].join('\n')}\n`,
  );
});
