/**
 * Our writer's client against the one that Tempo has, on the same work in the same run: straight to MinIO, and through the whole path.
 *
 * 1. The work: 4 objects of 16 MiB at once, each of one part; and objects of 4 KiB, 16 at a time.
 * 2. In rounds, each round beginning with another client; what the machine does meanwhile hits all alike.
 * 3. What is given is the median of the rounds, and as ratio the median of each round's own ratio to minio-go on the same path.
 *
 * Ours reads its bodies from the disk as they go out, and knows their hashes (the writer does, from completing the block); minio-go reads
 * the file whole and hashes it, as Tempo does.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedEnvironment } from '../environment/environment.ts';
import { LeaseProxy } from '../environment/proxy.ts';
import type { Register } from '../environment/register.ts';
import { startGateway } from '../gateway/gateway.ts';
import { HistoryPart } from '../history/part.ts';
import { median } from '../median.ts';
import { createBucket } from '../object-store/bucket.ts';
import { clientNames } from '../object-store/clients.ts';
import { barePuts } from './bare-puts.ts';
import type { Measurement } from './measurement.ts';
import { startMinioGoPuts } from './minio-go-puts.ts';
import { ourPuts } from './our-puts.ts';
import { percentile } from './percentile.ts';
import type { Puts } from './puts.ts';

const WARM_UP_ROUNDS = 3;
const ROUNDS = 15;
const MiB = 1024 ** 2;
const LARGE = { bytes: 16 * MiB, count: 4, parallel: 4 };
const SMALL = { bytes: 4 * 1024, count: 320, parallel: 16 };
const BUCKET = 'bench-writer';
/** Of minio-go's throughput. */
const GOAL = 1;
/** What Node does at least: signed before, from memory, without a policy (bare-puts.ts). */
const FLOOR = 'node:http alone';

interface Samples {
  puts: Puts;
  /** MiB/s, one for each round. */
  large: number[];
  /** PUTs a second, one for each round. */
  small: number[];
  /** Milliseconds: the median and the 99th percentile of a round's small PUTs. */
  p50: number[];
  p99: number[];
}

export async function benchWriter(
  { minio, toxiproxy }: Pick<StartedEnvironment, 'minio' | 'toxiproxy'>,
  register: Register,
): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  const history = new HistoryPart(join(folder, 'writer.ndjson'));
  const opened: { close(): void }[] = [];
  try {
    const { credentials } = minio;
    await createBucket({ ...minio, credentials, bucket: BUCKET, region: 'us-east-1' });
    await using gateway = await startGateway();
    await using route = await gateway.openRoute({
      route: BUCKET,
      upstream: minio,
      historyFile: join(folder, 'edge.ndjson'),
    });
    const proxy = await LeaseProxy.open(toxiproxy, BUCKET, route);
    const files = { large: join(folder, 'large'), small: join(folder, 'small') };
    await writeFile(files.large, randomBytes(LARGE.bytes));
    await writeFile(files.small, randomBytes(SMALL.bytes));
    const measurements: Measurement[] = [];
    for (const [path, endpoint] of [
      ['directly', minio],
      ['through the path', proxy],
    ] as const) {
      const options = { credentials, region: 'us-east-1', bucket: BUCKET, partSize: 16 * MiB };
      await using reference = await startMinioGoPuts(endpoint, { ...options, name: 'minio-go 7.0.94' }, register);
      const bare = barePuts(endpoint, { ...options, name: FLOOR });
      opened.push(bare);
      const all: Puts[] = [reference, bare];
      for (const client of clientNames) {
        const ours = await ourPuts(endpoint, { ...options, name: client, client, record: history.record });
        opened.push(ours);
        all.push(ours);
      }
      measurements.push(...(await compare(path, all, files)));
    }
    await proxy.close();
    return measurements;
  } finally {
    for (const one of opened) one.close();
    await history.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function compare(
  path: string,
  all: readonly Puts[],
  files: { large: string; small: string },
): Promise<Measurement[]> {
  const samples = all.map((puts): Samples => ({ puts, large: [], small: [], p50: [], p99: [] }));
  for (let index = 0; index < WARM_UP_ROUNDS + ROUNDS; index++) {
    if (index === WARM_UP_ROUNDS) for (const one of samples) one.large = one.small = one.p50 = one.p99 = [];
    const order = samples.map((_, position) => samples[(position + index) % samples.length] as Samples);
    for (const one of order) await round(one, files);
  }
  const [reference] = samples as [Samples];
  const ratio = (mine: number[], base: number[]) => median(mine.map((value, at) => value / (base[at] as number)));
  const line = (
    what: string,
    of: (one: Samples) => number[],
    unit: string,
    judged: boolean,
  ): ((one: Samples) => Measurement) => {
    return (one) => {
      const against = ratio(of(one), of(reference));
      const goal = judged &&
        one !== reference &&
        one.puts.name !== FLOOR && { goal: `>= ${GOAL}`, met: against >= GOAL };
      return {
        what: `${what}, ${path}: ${one.puts.name}`,
        value: `${median(of(one)).toFixed(unit === 'ms' ? 2 : 0)} ${unit}`,
        ratio: against,
        ...goal,
      };
    };
  };
  return [
    ...samples.map(line('4 x 16 MiB at once', (one) => one.large, 'MiB/s', true)),
    ...samples.map(line('PUTs of 4 KiB, 16 at a time', (one) => one.small, '/s', true)),
    ...samples.map(line('one of these, median', (one) => one.p50, 'ms', false)),
    ...samples.map(line('one of these, p99', (one) => one.p99, 'ms', false)),
  ];
}

async function round(one: Samples, files: { large: string; small: string }): Promise<void> {
  const keys = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}-${index}`);
  const large = await one.puts.put({
    file: files.large,
    keys: keys(LARGE.count, 'large'),
    parallel: LARGE.parallel,
  });
  one.large = [...one.large, (LARGE.bytes * LARGE.count) / MiB / (large.total / 1000)];
  const small = await one.puts.put({
    file: files.small,
    keys: keys(SMALL.count, 'small'),
    parallel: SMALL.parallel,
  });
  one.small = [...one.small, SMALL.count / (small.total / 1000)];
  one.p50 = [...one.p50, percentile(small.each, 0.5)];
  one.p99 = [...one.p99, percentile(small.each, 0.99)];
}
