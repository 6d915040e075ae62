/** A fault with a chance, over 10,000 requests: how many it hits, and whether the same seed hits the same ones. */
import { Agent } from 'node:http';
import type { Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';
import { send } from './send.ts';

const REQUESTS = 10_000;
const AT_ONCE = 8;
const CHANCE = 0.3;
/** Of the normal distribution: 99 % lie within so many standard deviations. */
const Z99 = 2.5758;
const body = Buffer.alloc(16);

export async function benchProbability(route: Route): Promise<Measurement[]> {
  const first = await decisions(route);
  const again = await decisions(route);
  const hit = first.filter(Boolean).length;
  const margin = Z99 * Math.sqrt(REQUESTS * CHANCE * (1 - CHANCE));
  const same = first.filter((one, index) => one === again[index]).length;
  return [
    {
      what: `probability ${CHANCE}, ${REQUESTS} requests`,
      value: `${hit} hit`,
      goal: `${Math.ceil(REQUESTS * CHANCE - margin)} to ${Math.floor(REQUESTS * CHANCE + margin)}`,
      met: Math.abs(hit - REQUESTS * CHANCE) <= margin,
    },
    {
      what: 'the same seed again, in another order',
      value: `${same} of ${REQUESTS} decisions the same`,
      goal: 'all',
      met: same === REQUESTS,
    },
  ];
}

let turn = 0;

/** Whether each key was refused. The keys are sent in another order each time, several at once. */
async function decisions(route: Route): Promise<boolean[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  await route.addRule({
    kind: 'answer-error',
    rule: 'chance',
    seed: 42,
    match: { probability: CHANCE },
    status: 503,
    code: 'SlowDown',
    message: 'Please reduce your request rate.',
  });
  const refused: boolean[] = new Array(REQUESTS);
  const step = turn++ % 2 === 0 ? 1 : REQUESTS - 1;
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < REQUESTS) {
        const key = (next++ * step) % REQUESTS;
        refused[key] = (await send(route, `/bucket/key-${key}`, body, agent)).status === 503;
      }
    }),
  );
  await route.removeRule('chance');
  agent.destroy();
  return refused;
}
