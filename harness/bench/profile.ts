/**
 * Where the time of a small PUT goes: the CPU of this process for each PUT of 4 KiB, 16 at a time, straight to MinIO, by what it is spent on;
 * of node:http alone, and of our policy over each SDK. The CPU of a PUT is robust: what else the machine does makes it wait, and costs
 * it little.
 *
 * 1. Rounds in turns, each timed by the process's own CPU clock: what is given is the median of the rounds.
 * 2. Then each under V8's profiler (cpu-share.ts), for the shares.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StartedEnvironment } from '../environment/environment.ts';
import { HistoryPart } from '../history/part.ts';
import { median } from '../median.ts';
import { createBucket } from '../object-store/bucket.ts';
import { clientNames } from '../object-store/clients.ts';
import { barePuts } from './bare-puts.ts';
import { cpuShares, type Piece, profiled, sourcesByMap } from './cpu-share.ts';
import type { Measurement } from './measurement.ts';
import { ourPuts } from './our-puts.ts';
import type { Puts } from './puts.ts';

const WARM_UP_ROUNDS = 4;
const ROUNDS = 12;
const PROFILED_ROUNDS = 8;
const SMALL = { bytes: 4 * 1024, count: 320, parallel: 16 };
const BUCKET = 'bench-profile';

/** In this order: the first that matches a file has it. */
const pieces: readonly Piece[] = [
  { name: 'garbage collector', files: /^\(garbage collector\)$/ },
  { name: 'V8 and the kernel, outside of JavaScript', files: /^\(/ },
  {
    name: 'signing and hashing',
    files: /node:internal\/crypto|node:crypto|signature|signing|sha256|sdk-.*hash|hash-node|sigv4/i,
  },
  { name: "the SDK's request building", files: /node_modules/ },
  { name: 'reading files', files: /node:fs|node:internal\/fs/ },
  {
    name: 'node:http and sockets',
    files: /node:_http|node:internal\/http|node:net$|node:internal\/net|node:internal\/stream_base|node:_tls/,
  },
  { name: 'streams', files: /node:internal\/(webstreams|streams)|node:stream/ },
  { name: 'our transport and policy', files: /harness\/(object-store|clock|random|dns)/ },
  { name: 'our history', files: /harness\/history/ },
  {
    name: 'events, promises, timers',
    files:
      /node:(internal\/)?(events|event_target|abort_controller|async_hooks|async_local|process|timers|promise|util|url|buffer|validators|errors|per_context|perf)/,
  },
];

export async function benchProfile({ minio }: Pick<StartedEnvironment, 'minio'>): Promise<Measurement[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  const history = new HistoryPart(join(folder, 'writer.ndjson'));
  const { credentials } = minio;
  const options = { credentials, region: 'us-east-1', bucket: BUCKET, partSize: 16 * 1024 ** 2 };
  const file = join(folder, 'small');
  const opened: (Puts & { close(): void })[] = [];
  try {
    await createBucket({ ...minio, credentials, bucket: BUCKET, region: 'us-east-1' });
    await writeFile(file, randomBytes(SMALL.bytes));
    opened.push(barePuts(minio, { ...options, name: 'node:http alone' }));
    for (const client of clientNames) {
      opened.push(await ourPuts(minio, { ...options, name: client, client, record: history.record }));
    }
    const keys = Array.from({ length: SMALL.count }, (_, index) => `small-${index}`);
    const round = (puts: Puts) => puts.put({ file, keys, parallel: SMALL.parallel });
    const cpu = opened.map((): number[] => []);
    for (let index = 0; index < WARM_UP_ROUNDS + ROUNDS; index++) {
      for (const [place, puts] of opened.entries()) {
        const before = process.cpuUsage();
        await round(puts);
        const { user, system } = process.cpuUsage(before);
        if (index >= WARM_UP_ROUNDS) cpu[place]?.push((user + system) / SMALL.count);
      }
    }
    const sourceOf = sourcesByMap();
    const base = median(cpu[0] as number[]);
    const measurements: Measurement[] = [];
    for (const [place, puts] of opened.entries()) {
      const each = median(cpu[place] as number[]);
      measurements.push({
        what: `CPU of a PUT of 4 KiB: ${puts.name}`,
        value: `${each.toFixed(0)} us`,
        ratio: each / base,
      });
      const profile = await profiled(async () => {
        for (let index = 0; index < PROFILED_ROUNDS; index++) await round(puts);
      });
      const shares = cpuShares(profile, pieces, sourceOf);
      const whole = [...shares.values()].reduce((sum, share) => sum + share, 0);
      for (const [name, share] of shares) {
        const value = `${((100 * share) / whole).toFixed(0)} %`;
        if (share > 0) measurements.push({ what: `  ${name}`, value, ratio: ((share / whole) * each) / base });
      }
    }
    return measurements;
  } finally {
    for (const one of opened) one.close();
    await history.close();
    await rm(folder, { recursive: true, force: true });
  }
}
