/**
 * The memory of one writer's process with four whole blocks in flight: 500 MiB each, uncompressed, from the WAL to the local block, and
 * from there through hashing to the socket.
 *
 * 1. A real subject process, on real disk, at full speed, with Tempo's block size, part size and parts in flight. It finds the blocks in its WAL, as
 *    after a crash: pages of random bytes, the same files linked into each block. It joins them to local blocks, and flushes those.
 * 2. Its S3 is a sink on loopback that keeps nothing (a MinIO would be bound by the same disk). It lets the uploads of four blocks begin together,
 *    so that 4 x 4 parts are under way.
 * 3. Two such waves, one after another: what the second needs more than the first is growth.
 * 4. The process tells its resident memory twice a second (`lateness`); where the kernel has it, the peak is the kernel's.
 */
import { link, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { realClock } from '../clock.ts';
import { DnsServer } from '../dns/dns-server.ts';
import type { HistoryEvent } from '../history/events.ts';
import { type ClientName, clientNames } from '../object-store/clients.ts';
import { Random } from '../random.ts';
import { Compression } from '../scenario/compression.ts';
import { SubjectPool } from '../subject/subject-pool.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { HeadBlock } from '../writer/head-block.ts';
import { RealDisk } from '../writer/real-disk.ts';
import type { Measurement } from './measurement.ts';
import { memoryOf } from './memory-of.ts';
import { startS3Sink } from './s3-sink.ts';

const MiB = 1024 ** 2;
const BLOCK = 500 * MiB;
const IN_FLIGHT = 4;
const WAVES = 2;
const BLOCKS = IN_FLIGHT * WAVES;
const TENANT = 'single-tenant';
/** Of one client. A machine that needs more has something else to do. */
const PATIENCE_MS = 5 * 60_000;
const HOST = 'memory.s3.chaos.test';
/** Of the process, resident: see issue 5, "How good". */
const GOAL_MIB = 256;
/** What the second wave may need more than the first: what the garbage collector left for later. */
const GROWTH_GOAL = 1.1;

export async function benchMemory(): Promise<Measurement[]> {
  const measurements: Measurement[] = [];
  for (const client of clientNames) {
    const { peak, resident, waves, bodies, uploads, seconds } = await fourBlocks(client);
    const growth = (waves[1] as number) / (waves[0] as number);
    const inFlight = `${uploads} uploads and ${bodies} parts at once`;
    measurements.push(
      {
        what: `${client}, ${inFlight}: most memory`,
        value: `${(peak / MiB).toFixed(0)} MiB`,
        goal: `<= ${GOAL_MIB} MiB, ${IN_FLIGHT} uploads at once`,
        met: peak <= GOAL_MIB * MiB && uploads >= IN_FLIGHT,
      },
      { what: `${client}: from the WAL to S3`, value: `${((BLOCKS * BLOCK) / MiB / seconds).toFixed(0)} MiB/s` },
      { what: `${client}: while blocks are flushed, median`, value: `${(resident / MiB).toFixed(0)} MiB` },
      {
        what: `${client}: most in the second wave of ${IN_FLIGHT} blocks, against the first`,
        value: waves.map((bytes) => `${(bytes / MiB).toFixed(0)} MiB`).join(', '),
        ratio: growth,
        goal: `<= ${GROWTH_GOAL}`,
        met: growth <= GROWTH_GOAL,
      },
    );
  }
  return measurements;
}

/** Bytes. `waves`: the most while each was flushed. `seconds`: from the start to the last flush. */
interface Memory {
  peak: number;
  resident: number;
  waves: number[];
  bodies: number;
  uploads: number;
  seconds: number;
}

async function fourBlocks(client: ClientName): Promise<Memory> {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-bench-'));
  try {
    await using sink = await startS3Sink(IN_FLIGHT);
    await using dns = await DnsServer.start(realClock);
    dns.zone.add({ name: HOST, addresses: ['127.0.0.1'], ttlSeconds: 0, record: () => {} });
    await using pool = new SubjectPool();
    const subject = await pool.take();
    await subject.load(client);
    const disk = join(folder, 'disk');
    const historyFile = join(folder, 'writer.ndjson');
    await mkdir(disk);
    await fillWal(disk);
    const began = realClock.now();
    const writer = subject.write({
      ...{ writer: 'ingester-0', client, seed: 1, settings, tenant: TENANT, disk, historyFile },
      s3: {
        host: HOST,
        port: sink.port,
        credentials: { accessKeyId: 'key-of-the-bench', secretAccessKey: 'secret-of-the-bench' },
        dns: { host: dns.host, port: dns.port },
      },
      // Nothing is taken in beside what is there.
      load: { bytesPerSecond: MiB, blocks: BLOCKS, begun: BLOCKS, startAfter: 0 },
    });
    await new Promise<void>((resolve, reject) => {
      const cancel = realClock.after(PATIENCE_MS, () => reject(new Error(`bench: ${client} is not done in time`)));
      writer.on((message) => {
        if (message.type === 'done') resolve();
        if (message.type === 'failed') reject(new Error(`bench: ${message.message}`));
        if (message.type === 'flush-failed') reject(new Error(`bench: a flush failed: ${message.error}`));
        if (message.type === 'done' || message.type === 'failed' || message.type === 'flush-failed') cancel();
      });
      writer.ended.then((how) => reject(new Error(`bench: ${how}`)));
    });
    const seconds = (realClock.now() - began) / 1000;
    const peak = await kernelsPeak(subject.pid);
    await writer.stop();
    const events = (await readFile(historyFile, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line): HistoryEvent => JSON.parse(line));
    const told = memoryOf(events, IN_FLIGHT);
    return {
      ...told,
      peak: Math.max(peak, ...told.waves),
      bodies: sink.mostBodies,
      uploads: sink.mostUploads,
      seconds,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** WAL blocks of one page each, of which there is one on the disk. */
async function fillWal(root: string): Promise<void> {
  const disk = new RealDisk(root);
  const random = new Random(1);
  const now = realClock.date();
  const block = (number: number) => new HeadBlock(random.uuid('block', number), TENANT, now, disk, random);
  const first = block(1);
  await first.append(BLOCK, now);
  for (let number = 2; number <= BLOCKS; number++) {
    const { id, folder } = block(number);
    await mkdir(join(root, folder));
    const meta = await readFile(join(root, first.folder, 'meta.json'), 'utf8');
    await writeFile(join(root, folder, 'meta.json'), meta.replace(first.id, id));
    for (const page of first.pages) await link(join(root, page), join(root, folder, basename(page)));
  }
}

/** Of the process's whole life, from /proc; 0 where there is none. */
async function kernelsPeak(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

const compressed = new Compression(30, 1).settings(tempoDefaults());

/** Tempo's sizes and numbers; its waits so short that the disk is what the writer waits for, its patience longer than the bench. */
const settings: TempoSettings = {
  ...compressed,
  s3: { ...compressed.s3, bucket: 'sink', prefix: '', region: 'us-east-1', insecure: true, forcePathStyle: true },
  blocks: { ...compressed.blocks, maxBlockBytes: BLOCK, maxBlockDuration: PATIENCE_MS },
  policy: {
    ...compressed.policy,
    concurrentFlushes: IN_FLIGHT,
    // As in Tempo 3: in a queue that is also for completing, a flush that waits for the others would keep them from being completed.
    completeConcurrency: IN_FLIGHT,
    responseHeaderTimeout: PATIENCE_MS,
    flushOpTimeout: PATIENCE_MS,
    idleConnectionTimeout: 60_000,
    dnsTimeout: 5000,
    flushCheckPeriod: 250,
    firstFlushJitter: 10,
  },
};
