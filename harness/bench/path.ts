/**
 * What the path without faults costs: PUTs straight to MinIO, through Toxiproxy, through Toxiproxy and the gateway, and with nginx in
 * the gateway's place.
 *
 * 1. All of them in one run, in rounds, each round beginning with another one: what the machine does meanwhile hits all alike.
 * 2. A round is PUTs of 4 KiB one after another on a kept connection, a few on one path, a few on the next; then, on each path,
 *    4 PUTs of 16 MiB at once.
 * 3. A round's latency is the median of its PUTs of 4 KiB. What is given is the median of the rounds, and as ratio the median of
 *    each round's own ratio: a machine that is slow for some seconds is slow for all of them.
 *
 * The client is plain node:http with presigned URLs (payload unsigned): an SDK's own work would make the path look cheaper.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'minio';
import { realClock } from '../clock.ts';
import type { StartedEnvironment } from '../environment/environment.ts';
import { LeaseProxy } from '../environment/proxy.ts';
import type { Register } from '../environment/register.ts';
import { startGateway } from '../gateway/gateway.ts';
import { median } from '../median.ts';
import type { Measurement } from './measurement.ts';
import { startNginx } from './nginx.ts';

const WARM_UP_ROUNDS = 4;
const ROUNDS = 16;
const SMALL = { bytes: 4 * 1024, turns: 10, inOneTurn: 10 };
const LARGE = { bytes: 16 * 1024 * 1024, parallel: 4 };
const BUCKET = 'bench';

/** Against Toxiproxy alone: at most, and at least, so many times as much. */
const goals = { latency: 1.1, throughput: 0.92 };
/** Our throughput of large bodies, in so many times of nginx in the gateway's place. */
const PEER_GOAL = 0.95;

type Path = Pick<Samples, 'name' | 'small' | 'large'>;

interface Samples {
  name: string;
  small: () => Promise<number>;
  large: () => Promise<number>;
  /** Milliseconds, one for each round. */
  latencies: number[];
  /** MiB/s, one for each round. */
  throughputs: number[];
}

export async function benchPath(
  { minio, toxiproxy }: Pick<StartedEnvironment, 'minio' | 'toxiproxy'>,
  register: Register,
): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  const agent = new Agent({ keepAlive: true });
  try {
    await s3At(minio, minio.credentials).makeBucket(BUCKET);
    await using gateway = await startGateway();
    await using route = await gateway.openRoute({
      route: 'bench',
      upstream: minio,
      historyFile: join(folder, 'edge.ndjson'),
    });
    const alone = await LeaseProxy.open(toxiproxy, 'bench-toxiproxy', minio);
    const whole = await LeaseProxy.open(toxiproxy, 'bench-path', route);
    await using nginx = await startNginx(minio, folder, register);
    const peer = nginx && (await LeaseProxy.open(toxiproxy, 'bench-nginx', nginx));
    const paths = [
      await pathTo('MinIO directly', minio, minio.credentials, agent),
      await pathTo('Toxiproxy', alone, minio.credentials, agent),
      await pathTo('Toxiproxy, gateway', whole, minio.credentials, agent),
      ...(peer ? [await pathTo('Toxiproxy, nginx', peer, minio.credentials, agent)] : []),
    ].map((path): Samples => ({ ...path, latencies: [], throughputs: [] }));
    // Rounds that are not counted: connections are opened, code is compiled.
    for (let index = 0; index < WARM_UP_ROUNDS; index++) await round(paths, index);
    for (const path of paths) {
      path.latencies.length = 0;
      path.throughputs.length = 0;
    }
    for (let index = 0; index < ROUNDS; index++) await round(paths, index);
    await alone.close();
    await whole.close();
    await peer?.close();
    return results(paths);
  } finally {
    agent.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

async function round(paths: Samples[], index: number): Promise<void> {
  const order = paths.map((_, position) => paths[(position + index) % paths.length] as Samples);
  const small = new Map(order.map((path) => [path, [] as number[]]));
  for (let turn = 0; turn < SMALL.turns; turn++) {
    for (const [path, latencies] of small) {
      for (let count = 0; count < SMALL.inOneTurn; count++) latencies.push(await path.small());
    }
  }
  for (const [path, latencies] of small) path.latencies.push(median(latencies));
  for (const path of order) path.throughputs.push(await path.large());
}

function results(paths: Samples[]): Measurement[] {
  const baseline = paths[1] as Samples;
  const against = (mine: number[], base: number[]) =>
    median(mine.map((value, round) => value / (base[round] as number)));
  const small = paths.map(({ name, latencies }, index): Measurement => {
    const ratio = against(latencies, baseline.latencies);
    const goal = index === 2 && { goal: `<= ${goals.latency}`, met: ratio <= goals.latency };
    return { what: `PUT 4 KiB, median: ${name}`, value: `${median(latencies).toFixed(2)} ms`, ratio, ...goal };
  });
  const large = paths.map(({ name, throughputs }, index): Measurement => {
    const ratio = against(throughputs, baseline.throughputs);
    const goal = index === 2 && { goal: `>= ${goals.throughput}`, met: ratio >= goals.throughput };
    return { what: `4 x 16 MiB at once: ${name}`, value: `${median(throughputs).toFixed(0)} MiB/s`, ratio, ...goal };
  });
  const [, , ours, nginx] = paths as [Samples, Samples, Samples, Samples?];
  if (!nginx)
    return [...small, ...large, { what: "nginx in the gateway's place: not on PATH, not measured", value: '-' }];
  const ratio = against(ours.throughputs, nginx.throughputs);
  const peer = { goal: `>= ${PEER_GOAL}`, met: ratio >= PEER_GOAL };
  return [
    ...small,
    ...large,
    { what: '4 x 16 MiB at once: the gateway against nginx in its place', value: '', ratio, ...peer },
  ];
}

function s3At(
  { host, port }: { host: string; port: number },
  credentials: StartedEnvironment['minio']['credentials'],
): Client {
  const { accessKeyId: accessKey, secretAccessKey: secretKey } = credentials;
  return new Client({ endPoint: host, port, useSSL: false, accessKey, secretKey, region: 'us-east-1' });
}

async function pathTo(
  name: string,
  at: { host: string; port: number },
  credentials: StartedEnvironment['minio']['credentials'],
  agent: Agent,
): Promise<Path> {
  const client = s3At(at, credentials);
  const smallUrl = await client.presignedPutObject(BUCKET, 'small');
  const largeUrls = await Promise.all(
    Array.from({ length: LARGE.parallel }, (_, index) => client.presignedPutObject(BUCKET, `large-${index}`)),
  );
  const small = Buffer.alloc(SMALL.bytes, 's');
  const large = Buffer.alloc(LARGE.bytes, 'l');
  return {
    name,
    small: () => timed(() => put(smallUrl, small, agent)),
    async large() {
      const ms = await timed(() => Promise.all(largeUrls.map((url) => put(url, large, agent))));
      return (LARGE.bytes * LARGE.parallel) / 1024 ** 2 / (ms / 1000);
    },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = realClock.now();
  await work();
  return realClock.now() - start;
}

function put(url: string, body: Buffer, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'PUT', agent, headers: { 'content-length': body.length } }, (answer) => {
      answer.resume();
      answer.once('end', () => {
        if (answer.statusCode === 200) resolve();
        else reject(new Error(`bench: PUT ${url.split('?', 1)[0]} was answered ${answer.statusCode}: 200 expected`));
      });
    });
    sent.once('error', reject);
    sent.end(body);
  });
}
