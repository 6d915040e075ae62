/** A real process that sends over a real path: DNS server, Toxiproxy, gateway, MinIO. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import type { HistoryEvent } from '../history/events.ts';
import { mergeParts } from '../history/merge.ts';
import { historyEvents } from '../history/read-history.ts';
import { directClient } from '../object-store/bucket.ts';
import { Harness } from '../scenario/harness.ts';
import { settings } from '../subject/example-subject.ts';
import { BackgroundLoad } from './background-load.ts';
import type { BackgroundAssignment } from './protocol.ts';

const REGION = 'us-east-1';

let harness: Harness;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-background-'));
  harness = await Harness.start('native', { progress: () => {}, clock: realClock, subjects: 0 });
});
afterAll(async () => {
  await harness?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function assignmentOn(lease: Lease, historyFile: string): BackgroundAssignment {
  return {
    client: 'minio',
    seed: 3,
    settings: { ...settings, s3: { ...settings.s3, bucket: lease.bucket, region: REGION } },
    s3: { ...lease.endpoint, credentials: lease.credentials, dns: lease.dnsServer },
    plan: {
      queriers: 4,
      compactors: 3,
      poll: 150,
      reads: 10,
      deletes: 10,
      blocks: 'run/single-tenant/',
      own: 'run/chaos-background/',
      patience: 5000,
    },
    historyFile,
  };
}

it('is in the history of the edge, without an id and as no attempt, and leaves the bucket as it was', async () => {
  const parts = join(folder, 'sent', 'parts');
  await mkdir(parts, { recursive: true });
  const lease = await harness.lease({ name: 'background-load', partsFolder: parts, region: REGION, secure: false });
  try {
    const s3 = directClient({ ...lease.direct, credentials: lease.credentials, bucket: lease.bucket, region: REGION });
    for (const name of ['data.parquet', 'bloom-0', 'index', 'meta.json']) {
      await s3.send(new PutObjectCommand({ Bucket: lease.bucket, Key: `run/single-tenant/a/${name}`, Body: name }));
    }
    const load = await BackgroundLoad.start(assignmentOn(lease, join(parts, 'background.ndjson')), realClock);
    const died = await Promise.race([load.died, realClock.sleep(2500)]);
    expect(died).toBeUndefined();
    await load.stop();
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: lease.bucket }));
    s3.destroy();
    expect(Contents.map(({ Key }) => Key?.split('/').at(-1))).toEqual([
      'bloom-0',
      'data.parquet',
      'index',
      'meta.json',
    ]);
    await lease.closePath();
    const history = await historyEvents(await mergeParts(join(folder, 'sent')));

    const sent = history.filter((event) => event.type === 'background');
    expect(sent.filter(({ outcome }) => outcome === 'fail')).toEqual([]);
    const edges = history.filter((event) => event.type === 'edge');
    const counts = (events: readonly { operation: string }[]) => {
      const count: Record<string, number> = {};
      for (const { operation } of events) count[operation] = (count[operation] ?? 0) + 1;
      return count;
    };
    expect(Object.keys(counts(sent)).sort()).toEqual(['DeleteObject', 'GetObject', 'ListObjectsV2', 'PutObject']);
    // What the stop cut off is at the edge alone.
    for (const [operation, count] of Object.entries(counts(sent))) {
      expect(counts(edges)[operation]).toBeGreaterThanOrEqual(count);
      expect(counts(edges)[operation]).toBeLessThanOrEqual(count + 7);
    }
    expect(edges.filter(({ id }) => id !== undefined)).toEqual([]);
    expect(history.filter(({ type }) => type === 'attempt')).toEqual([]);
    const own = (key: string) => key.startsWith('run/chaos-background/');
    const written = edges.filter(({ operation }) => operation === 'PutObject' || operation === 'DeleteObject');
    expect(written.filter(({ key }) => !own(key))).toEqual([]);
    expect(edges.some(({ operation, key }) => operation === 'GetObject' && key.endsWith('/bloom-0'))).toBe(true);
    expect(history.some((event: HistoryEvent) => event.type === 'lateness' && event.process === 'background')).toBe(
      true,
    );
    expect(JSON.stringify(history)).not.toContain(lease.credentials.secretAccessKey);
  } finally {
    await lease.release();
  }
});

it('that dies unasked is told of, and can be stopped all the same', async () => {
  const parts = join(folder, 'died', 'parts');
  await mkdir(parts, { recursive: true });
  const lease = await harness.lease({ name: 'background-died', partsFolder: parts, region: REGION, secure: false });
  try {
    const load = await BackgroundLoad.start(assignmentOn(lease, join(parts, 'background.ndjson')), realClock);
    process.kill(load.pid, 'SIGKILL');
    expect(await load.died).toMatch(/^the background process ended \(SIGKILL\)/);
    await expect(load.stop()).rejects.toThrow('the background load did not stop');
  } finally {
    await lease.release();
  }
});
