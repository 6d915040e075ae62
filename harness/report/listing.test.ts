import { expect, it } from 'vitest';
import { listing } from './listing.ts';
import { plain } from './paint.ts';

const rest = { parameters: {}, details: '' };
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
    {
      name: 'full-disk',
      group: 'losses',
      about: 'The disk is full',
      file: 'losses/full-disk.yaml',
      expect: { verdict: 'fail' as const, cause: 'durability' },
    },
  ],
  faults: [
    { ...rest, name: 's3-error', about: 'S3 answers with an error', place: 's3' as const, example: {} },
    {
      ...rest,
      name: 'latency',
      about: 'Each way takes longer',
      place: 'network' as const,
      example: { latency: '80ms' },
    },
    { ...rest, name: 'stall', about: 'Bytes stop', place: 'network' as const, example: { direction: 'up' } },
  ],
};

it('tells what ships, what is expected to fail, and what a fault takes, the faults by their place', () => {
  expect(listing(all, 80, plain)).toBe(
    `${[
      'scenarios',
      '  healthy            Nothing is wrong',
      '  bandwidth-starved  The uplink is too narrow for a block to get through within',
      '                     its deadline (expected to fail by visible-within)',
      '',
      'scenarios of the group losses (run losses)',
      '  full-disk  The disk is full (expected to fail by durability)',
      '',
      'faults of the network',
      '  latency  Each way takes longer',
      '           with: {"latency":"80ms"}',
      '  stall    Bytes stop',
      '           with: {"direction":"up"}',
      '',
      'faults of S3',
      '  s3-error  S3 answers with an error',
      '            with: {}',
    ].join('\n')}\n`,
  );
});
