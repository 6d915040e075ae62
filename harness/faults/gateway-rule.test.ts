import { expect, it } from 'vitest';
import type { Lease } from '../environment/lease.ts';
import type { RouteRule } from '../gateway/protocol.ts';
import { injectRule } from './gateway-rule.ts';

const rule = { kind: 'cut', rule: '1-x', seed: 1, match: {}, when: 'after-apply' } as const satisfies RouteRule;

it('tells what the rule counted, so far and in the end, with what it measured', async () => {
  let fired = 1;
  const edge = {
    addRule: async () => {},
    evidence: async (name: string) => ({ considered: 9, fired: name === '1-x' ? fired : 0 }),
    removeRule: async (name: string) => ({ considered: 9, fired: name === '1-x' ? fired : 0, measured: { bytes: 3 } }),
  };
  const active = await injectRule({ edge } as unknown as Lease, rule, 'handshakes');
  expect(await active.evidence()).toEqual({ fired: 1, unit: 'handshakes', measured: { considered: 9 } });
  fired = 4;
  expect(await active.evidence()).toMatchObject({ fired: 4 });
  expect(await active.heal()).toEqual({ fired: 4, unit: 'handshakes', measured: { considered: 9, bytes: 3 } });
});

it('fails when the gateway refuses the rule, and when it does not remove it', async () => {
  const refuse = () => Promise.reject(new Error('the gateway does not answer'));
  await expect(injectRule({ edge: { addRule: refuse } } as unknown as Lease, rule)).rejects.toThrow('does not answer');
  const edge = { addRule: async () => {}, removeRule: refuse };
  const active = await injectRule({ edge } as unknown as Lease, rule);
  await expect(active.heal()).rejects.toThrow('does not answer');
});
