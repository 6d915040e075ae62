import { expect, it } from 'vitest';
import { checkPolicy } from './check-policy.ts';

it('refuses to compress what an SDK does by itself, with where, why, and what would do', () => {
  expect(() => checkPolicy('jitter', { compression: { time: 20, bytes: 100 } }, { client: 'sdk' })).toThrow(
    "jitter: compression.time 20: with the policy sdk the retries and timeouts are the SDK's own, which cannot be compressed (run a scenario whose compression.time is 1, or leave --policy sdk (client.policy) away)",
  );
});

it('lets the SDK run in real time, with smaller blocks too, and Tempo in any', () => {
  checkPolicy('mine', { compression: { time: 1, bytes: 100 } }, { client: 'sdk' });
  checkPolicy('jitter', { compression: { time: 20, bytes: 100 } }, { client: 'tempo' });
});
