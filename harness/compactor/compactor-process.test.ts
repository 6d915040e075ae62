/** A real process of compactors, over both SDKs, on a real MinIO. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compaction } from '../checkers/compaction.ts';
import { durability } from '../checkers/durability.ts';
import { check, inOrder } from '../checkers/example-history.ts';
import { realClock } from '../clock.ts';
import { DnsServer } from '../dns/dns-server.ts';
import type { CompactionEvent, HistoryEvent } from '../history/events.ts';
import { directClient } from '../object-store/bucket.ts';
import { type ClientName, clientNames } from '../object-store/clients.ts';
import { readBucket } from '../object-store/direct-reader.ts';
import { type RealMinio, startRealMinio } from '../object-store/real-minio.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import { type RunningCompactors, startCompactorProcess } from './compactor-process.ts';
import { putBlock } from './example-bucket.ts';
import type { CompactorAssignment } from './protocol.ts';

const MiB = 1024 ** 2;
const HOST = 'compactor.s3.chaos.test';
let folder: string;
let minio: RealMinio;
let dns: DnsServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-compactor-'));
  minio = await startRealMinio('compactor');
  dns = await DnsServer.start(realClock);
  dns.zone.add({ name: HOST, addresses: ['127.0.0.1'], ttlSeconds: 0, record: () => {} });
});
afterAll(async () => {
  await dns?.[Symbol.asyncDispose]();
  await minio?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function assignment(client: ClientName, tenant: string, port = minio.bucket.port): CompactorAssignment {
  const defaults = tempoDefaults();
  const { bucket, region, credentials } = minio.bucket;
  return {
    compactor: `compactor-of-${tenant}`,
    share: { index: 0, of: 1 },
    client,
    seed: 5,
    tenants: [tenant],
    settings: {
      ...defaults,
      s3: { ...defaults.s3, bucket, region, insecure: true, forcePathStyle: true },
      policy: { ...defaults.policy, attempts: 2, dnsTimeout: 1000 },
      other: { ...defaults.other, blocklistPoll: 100 },
      compaction: { ...defaults.compaction, cycle: 100, rowGroupBytes: 5 * MiB },
    },
    s3: { host: HOST, port, credentials, dns: { host: dns.host, port: dns.port } },
    historyFile: join(folder, `${tenant}.ndjson`),
  };
}

/** Writes blocks to MinIO. Gives the history of their writer's. */
async function putBlocks(tenant: string, count: number, size: number): Promise<HistoryEvent[]> {
  const objects = new Map<string, Buffer>();
  const events: HistoryEvent[] = [];
  for (let number = 0; number < count; number++) {
    events.push(...(await putBlock({ objects }, `${tenant}-${number}`, { size, tenant, end: new Date() })));
  }
  const client = directClient(minio.bucket);
  for (const [Key, Body] of objects) {
    await client.send(new PutObjectCommand({ Bucket: minio.bucket.bucket, Key, Body }));
  }
  client.destroy();
  return events;
}

async function historyOf(tenant: string): Promise<HistoryEvent[]> {
  const text = await readFile(join(folder, `${tenant}.ndjson`), 'utf8');
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
}

async function until(enough: () => boolean): Promise<void> {
  const deadline = realClock.now() + 30_000;
  while (!enough() && realClock.now() < deadline) await realClock.sleep(20);
  expect(enough()).toBe(true);
}

describe.each(clientNames)('through %s', (client) => {
  test('five blocks become one, by multipart, and all that could be read can be read', async () => {
    const tenant = `t-${client}`;
    const written = await putBlocks(tenant, 5, 4 * MiB);
    const compactors = await startCompactorProcess([assignment(client, tenant)], realClock);
    // Four, and then a second block of level 0 is never there: the fifth stays.
    await until(() => compactors.dataKeys.length > 0);
    await compactors.stop();
    const events = await historyOf(tenant);
    const found: HistoryEvent[] = [];
    await readBucket(
      { ...minio.bucket, prefix: `${tenant}/` },
      (event) => found.push(event),
      realClock,
      compactors.dataKeys,
    );
    const history = inOrder(written, events, found);
    expect(check(durability, history)[0]).toEqual({
      checker: 'durability',
      verdict: 'pass',
      message: '5 blocks cut, 5 read back whole (4 in blocks that they were compacted into)',
    });
    // The requests passed no gateway: their order is not known.
    expect(check(compaction, history).filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    const jobs = events.filter((event): event is CompactionEvent => event.type === 'compaction');
    expect(jobs).toMatchObject([{ outcome: 'ok', inputs: expect.any(Array), orphanedParts: 0 }]);
    expect(compactors.dataKeys).toEqual([`${tenant}/${jobs[0]?.output}/data.parquet`]);
    // A poll may have read its meta.json too.
    const sent = events.flatMap((event) =>
      event.type === 'attempt' &&
      event.key.includes(String(jobs[0]?.output)) &&
      !(event.operation === 'GetObject' && event.key.endsWith('meta.json'))
        ? [event.operation]
        : [],
    );
    expect(sent).toEqual([
      'CreateMultipartUpload',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'UploadPart',
      'CompleteMultipartUpload',
      'GetObject',
      'PutObject',
      'PutObject',
      'PutObject',
    ]);
    const marks = events.filter((event) => event.type === 'attempt' && event.operation === 'CopyObject');
    expect(marks).toHaveLength(4);
    // A read of a range gets that range, and no more.
    const ranges = events.filter((event) => event.type === 'attempt' && /-\d\/data.parquet$/.test(event.key));
    expect(ranges).toHaveLength(8);
    for (const range of ranges) expect(range).toMatchObject({ operation: 'GetObject', status: 206 });
    expect(events.some(({ type }) => type === 'lateness')).toBe(true);
  });
});

test('several compactors run in one process, each with a history of its own', async () => {
  const names = ['one', 'two'];
  for (const name of names) await putBlocks(name, 2, 1000);
  const compactors = await startCompactorProcess(
    names.map((name) => assignment('minio', name)),
    realClock,
  );
  await until(() => compactors.dataKeys.length === 2);
  await Promise.all([compactors.stop(), compactors.stop()]);
  await compactors.stop();
  for (const name of names) {
    const jobs = (await historyOf(name)).filter(({ type }) => type === 'compaction');
    expect(jobs).toMatchObject([{ compactor: `compactor-of-${name}`, outcome: 'ok' }]);
    // Unique in the run, whatever else runs.
    for (const event of await historyOf(name)) {
      if (event.type === 'attempt') expect(event.id).toMatch(new RegExp(`^compactor-of-${name}-`));
    }
  }
});

describe('what ends compactors is told', () => {
  const died = (compactors: RunningCompactors) =>
    Promise.race([compactors.died, realClock.sleep(20_000).then(() => 'still running')]);

  test('S3 that is not there', async () => {
    const compactors = await startCompactorProcess([assignment('minio', 'nowhere', 1)], realClock);
    expect(await died(compactors)).toMatch(/^compactor-of-nowhere: compactor: cannot start: ListObjectsV2/);
    await compactors.stop();
    expect((await historyOf('nowhere')).some(({ type }) => type === 'writer.error')).toBe(true);
  });

  test('the end of their process', async () => {
    await putBlocks('killed', 1, 1000);
    const compactors = await startCompactorProcess([assignment('minio', 'killed')], realClock);
    process.kill(compactors.pid, 'SIGKILL');
    expect(await died(compactors)).toBe('the process of the compactors ended (SIGKILL)');
    await expect(compactors.stop()).rejects.toThrow('they cannot be stopped: the process of the compactors ended');
  });

  test('a history that cannot be written', async () => {
    const lost = { ...assignment('minio', 'lost'), historyFile: join(folder, 'no-such-folder', 'lost.ndjson') };
    const compactors = await startCompactorProcess([lost], realClock);
    await compactors.stop();
    expect(await died(compactors)).toMatch(/^compactor-of-lost: history: cannot write/);
  });
});
