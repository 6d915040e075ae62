/**
 * How much later a delayed request is, against what was asked: ours (the edge holds the answer: `slow-first-byte`), and beside it
 * Toxiproxy's own (`latency`). One request after another on a kept connection. What the same request takes without a fault, after a pause
 * as long, is taken off, percentile by percentile: a machine that has slept for so long takes longer to send and to answer anything.
 */
import { Agent } from 'node:http';
import { realClock } from '../../clock.ts';
import { LeaseProxy } from '../../environment/proxy.ts';
import type { Route } from '../../gateway/gateway.ts';
import type { Measurement } from '../measurement.ts';
import { percentile } from '../percentile.ts';
import { send } from './send.ts';

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
  const through = async (to: { host: string; port: number }, requests: number, pauseMs = 0) => {
    const times: number[] = [];
    for (let index = 0; index < requests; index++) {
      if (pauseMs > 0) await realClock.sleep(pauseMs);
      times.push((await send(to, '/bucket/key-1', body, agent)).ms);
    }
    return times;
  };
  const proxy = await LeaseProxy.open(toxiproxy, 'bench-latency', sink);
  try {
    // Not counted: code is compiled.
    await through(route, 500);
    await through(proxy, 100);
    const measurements: Measurement[] = [];
    for (const [ms, requests] of ASKED) {
      const without = { ours: await through(route, requests, ms), theirs: await through(proxy, requests, ms) };
      await route.addRule({ kind: 'hold', rule: 'latency', seed: 1, match: {}, when: 'after-apply', forMs: ms });
      const ours = await through(route, requests);
      await route.removeRule('latency');
      await proxy.addToxic({ name: 'latency', type: 'latency', stream: 'downstream', attributes: { latency: ms } });
      const theirs = await through(proxy, requests);
      await proxy.removeToxic('latency');
      const added = (late: number[], usual: number[], share: number) =>
        percentile(late, share) - percentile(usual, share) - ms;
      const words = (late: number[], usual: number[]) =>
        `p50 ${signed(added(late, usual, 0.5))} ms, p99 ${signed(added(late, usual, 0.99))} ms`;
      const met =
        Math.abs(added(ours, without.ours, 0.5)) <= GOAL.p50 && Math.abs(added(ours, without.ours, 0.99)) <= GOAL.p99;
      measurements.push(
        { what: `${ms} ms asked, held at the edge`, value: words(ours, without.ours), goal: '0.5, 2 ms', met },
        { what: `${ms} ms asked, by Toxiproxy`, value: words(theirs, without.theirs) },
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
