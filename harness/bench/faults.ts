/** What faults do, against what was asked of them: at a gateway of its own, before a sink that answers everything. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedEnvironment } from '../environment/environment.ts';
import { startGateway } from '../gateway/gateway.ts';
import { benchAddedLatency } from './faults/added-latency.ts';
import { benchMemory } from './faults/memory.ts';
import { benchProbability } from './faults/probability.ts';
import { benchReaction } from './faults/reaction.ts';
import { benchSharedBandwidth } from './faults/shared-bandwidth.ts';
import { startSink } from './faults/sink.ts';
import { benchThrottle } from './faults/throttle.ts';
import type { Measurement } from './measurement.ts';

export async function benchFaults({ toxiproxy }: Pick<StartedEnvironment, 'toxiproxy'>): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  try {
    await using sink = await startSink();
    await using gateway = await startGateway();
    await using route = await gateway.openRoute({
      route: 'bench',
      upstream: sink,
      historyFile: join(folder, 'edge.ndjson'),
    });
    return [
      ...(await benchAddedLatency(route, toxiproxy, sink)),
      ...(await benchReaction(route)),
      ...(await benchProbability(route)),
      ...(await benchThrottle(route, sink)),
      ...(await benchSharedBandwidth(route, sink)),
      ...(await benchMemory(gateway, route)),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
