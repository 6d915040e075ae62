/** Who sends to S3 in a scenario, each started with what it is to do: the writers, compactors that are subjects, and the traffic beside them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BackgroundLoad } from '../background/background-load.ts';
import { type RunningCompactors, startCompactorProcess } from '../compactor/compactor-process.ts';
import type { Lease } from '../environment/lease.ts';
import { Random } from '../random.ts';
import { kubeletCrashLoop } from '../subject/crash-loop.ts';
import type { WriterAssignment } from '../subject/protocol.ts';
import { SubjectMachine } from '../subject/subject-machine.ts';
import type { SubjectPool } from '../subject/subject-pool.ts';
import { ingestLimits } from '../tempo/budget.ts';
import { keyFolder } from '../tempo/key-folder.ts';
import { type Load, othersBeside, processCount } from './load.ts';
import { type LoadPace, loadPace } from './load-pace.ts';
import type { WriterDisk } from './local-read.ts';
import type { Stage } from './stage.ts';

/** Tempo's name for the only tenant of a deployment without multi-tenancy. */
export const TENANT = 'single-tenant';

/** What is sent to each writer, as it passes. */
export interface CompressedLoad extends Pick<Load, 'rate' | 'traceLength' | 'startOver'> {
  limits?: NonNullable<WriterAssignment['load']['limits']>;
  pace: LoadPace;
}

export function compressedLoad({ scenario: { load }, compression, compressed }: Stage): CompressedLoad {
  const rate = compression.rate(load.rate);
  const traceLength = compression.duration(load.traceLength, 'traceLength');
  const startOver = compression.duration(load.startOver, 'startOver');
  const limits = load.limits ? ingestLimits(compressed) : undefined;
  const pace = loadPace({ rate, traceLength }, compressed, limits?.bytesPerSecond);
  return { rate, traceLength, startOver, pace, ...(limits && { limits }) };
}

/** The writers, each on its disk: their folders are made. */
export async function startWriters(
  stage: Stage,
  { rate, traceLength, startOver, limits }: CompressedLoad,
  lease: Lease,
  subjects: SubjectPool,
  disks: readonly WriterDisk[],
): Promise<SubjectMachine> {
  const { scenario, client, clock, record, partsFolder, compression } = stage;
  const random = new Random(scenario.seed);
  for (const { folder } of disks) await mkdir(folder, { recursive: true });
  const assignments = disks.map(
    ({ writer, folder, tenant }, index): WriterAssignment => ({
      ...connection(stage, lease),
      writer,
      client,
      seed: Math.floor(random.uniform('writer', writer) * Number.MAX_SAFE_INTEGER),
      tenant,
      load: {
        bytesPerSecond: rate,
        traceLength,
        blocks: scenario.load.blocks,
        startAfter: (startOver * index) / disks.length,
        ...(limits && { limits }),
      },
      disk: folder,
      historyFile: join(partsFolder, `${writer}.ndjson`),
    }),
  );
  const { first, longest, forgottenAfter } = kubeletCrashLoop;
  return SubjectMachine.start(subjects, assignments, {
    clock,
    record,
    processes: processCount(scenario.load),
    crashLoop: {
      first: compression.duration(first, 'crash-loop back-off'),
      longest: compression.duration(longest, 'crash-loop back-off'),
      forgottenAfter: compression.duration(forgottenAfter, 'crash-loop back-off'),
    },
  });
}

/** The compactors that are subjects; `undefined` when the scenario has none. */
export async function startCompactors(stage: Stage, lease: Lease): Promise<RunningCompactors | undefined> {
  const { scenario, client, clock, partsFolder } = stage;
  const of = scenario.load.compactors;
  if (of === 0) return undefined;
  const random = new Random(scenario.seed);
  const assignments = Array.from({ length: of }, (_, index) => {
    const compactor = `compactor-${index}`;
    return {
      ...connection(stage, lease),
      compactor,
      share: { index, of },
      client,
      seed: Math.floor(random.uniform('compactor', compactor) * Number.MAX_SAFE_INTEGER),
      tenants: [TENANT],
      historyFile: join(partsFolder, `${compactor}.ndjson`),
    };
  });
  return startCompactorProcess(assignments, clock);
}

/** The traffic of queriers and compactors; `undefined` when the scenario has none. */
export async function startBackground(stage: Stage, lease: Lease): Promise<BackgroundLoad | undefined> {
  const { scenario, client, compression, compressed, clock, partsFolder } = stage;
  const { prefix } = compressed.s3;
  const { background } = scenario.load;
  if (!background) return undefined;
  // Ranges keep their size: see background/rates.ts.
  const fewer = compression.time / compression.bytes;
  return BackgroundLoad.start(
    {
      ...connection(stage, lease),
      client,
      seed: scenario.seed,
      plan: {
        ...othersBeside(scenario.load, compressed.deployment),
        poll: compressed.other.blocklistPoll,
        reads: background.reads * fewer,
        deletes: background.deletes * fewer,
        blocks: keyFolder(prefix, TENANT),
        own: keyFolder(prefix, 'chaos-background'),
        patience: compressed.policy.responseHeaderTimeout,
      },
      historyFile: join(partsFolder, 'background.ndjson'),
    },
    clock,
  );
}

/** Where a client of this scenario sends its requests, and how. */
function connection(
  { compression, compressed, sabotage }: Stage,
  lease: Lease,
): Pick<WriterAssignment, 'settings' | 's3'> {
  const { host, port } = sabotage?.endpoint?.(lease) ?? lease.endpoint;
  return {
    settings: { ...compressed, s3: { ...compressed.s3, bucket: lease.bucket } },
    s3: {
      host,
      port,
      credentials: lease.credentials,
      dns: { ...lease.dnsServer, ttlSecond: 1000 / compression.time },
      ...(lease.authority && { ca: lease.authority.certificate }),
    },
  };
}
