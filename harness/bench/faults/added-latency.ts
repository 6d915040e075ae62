/**
 * How much later a delayed request is, against what was asked: ours (the edge holds the answer: `slow-first-byte`), and beside it
 * Toxiproxy's own (`latency`). One request after another on a kept connection; what it takes without a fault is taken off.
 */
import { Agent } from 'node:http';
import { LeaseProxy } from '../../environment/proxy.ts';
import type { Route } from '../../gateway/gateway.ts';
import { median } from '../../median.ts';
import type { Measurement } from '../measurement.ts';
import { percentile, send } from './send.ts';

/** Milliseconds asked, and how many requests. */
const ASKED: readonly [ms: number, requests: number][] = [
  [10, 300],
  [100, 100],
  [500, 40],
  [2000, 12],
];
const GOAL = { p50: 0.5, p99: 2 };
const body = Buffer.alloc(4096);

export async function benchAddedLatency(
  route: Route,
  toxiproxy: { host: string; port: number },
  sink: { host: string; port: number },
): Promise<Measurement[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const through = async (to: { host: string; port: number }, requests: number) => {
    const times: number[] = [];
    for (let index = 0; index < requests; index++) times.push((await send(to, '/bucket/key-1', body, agent)).ms);
    return times;
  };
  const proxy = await LeaseProxy.open(toxiproxy, 'bench-latency', sink);
  try {
    const without = { ours: median(await through(route, 300)), theirs: median(await through(proxy, 300)) };
    const measurements: Measurement[] = [];
    for (const [ms, requests] of ASKED) {
      await route.addRule({ kind: 'hold', rule: 'latency', seed: 1, match: {}, when: 'after-apply', forMs: ms });
      const ours = (await through(route, requests)).map((time) => time - without.ours - ms);
      await route.removeRule('latency');
      await proxy.addToxic({ name: 'latency', type: 'latency', stream: 'downstream', attributes: { latency: ms } });
      const theirs = (await through(proxy, requests)).map((time) => time - without.theirs - ms);
      await proxy.removeToxic('latency');
      const words = (late: number[]) =>
        `p50 ${signed(percentile(late, 0.5))} ms, p99 ${signed(percentile(late, 0.99))} ms`;
      const met = Math.abs(percentile(ours, 0.5)) <= GOAL.p50 && Math.abs(percentile(ours, 0.99)) <= GOAL.p99;
      measurements.push(
        { what: `${ms} ms asked, held at the edge`, value: words(ours), goal: '0.5, 2 ms', met },
        { what: `${ms} ms asked, by Toxiproxy`, value: words(theirs) },
      );
    }
    return measurements;
  } finally {
    agent.destroy();
    await proxy.close();
  }
}

function signed(ms: number): string {
  return `${ms < 0 ? '' : '+'}${ms.toFixed(2)}`;
}
