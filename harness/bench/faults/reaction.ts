/**
 * From the call that injects a fault to the first request that feels it, and from the call that heals it to the first that does not.
 * Requests go one after another all the while, so one request's own time is in it.
 */
import { Agent } from 'node:http';
import { realClock } from '../../clock.ts';
import type { Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';
import { percentile } from '../percentile.ts';
import { send } from './send.ts';

const ROUNDS = 200;
const GOAL_MS = 10;
const body = Buffer.alloc(4096);

export async function benchReaction(route: Route): Promise<Measurement[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const until = async (status: number, call: Promise<unknown>) => {
    const start = realClock.now();
    for (;;) {
      const { status: got } = await send(route, '/bucket/key-1', body, agent);
      if (got === status) break;
    }
    const ms = realClock.now() - start;
    await call;
    return ms;
  };
  const injects: number[] = [];
  const heals: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const rule = `reaction-${round}`;
    const error = { status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' };
    injects.push(await until(503, route.addRule({ kind: 'answer-error', rule, seed: 1, match: {}, ...error })));
    heals.push(await until(200, route.removeRule(rule)));
  }
  agent.destroy();
  const measured = (what: string, times: number[]): Measurement => ({
    what,
    value: `p50 ${percentile(times, 0.5).toFixed(1)} ms, p99 ${percentile(times, 0.99).toFixed(1)} ms`,
    goal: `p99 <= ${GOAL_MS} ms`,
    met: percentile(times, 0.99) <= GOAL_MS,
  });
  return [measured('inject to effect', injects), measured('heal to no effect', heals)];
}
