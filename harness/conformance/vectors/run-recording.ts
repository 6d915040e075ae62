/**
 * Our writer under the faults of a recording, the whole of it: in a subject process, on a disk of its own, through DNS, Toxiproxy, the
 * gateway with the recording's faults, to MinIO.
 *
 * 1. Lease a path, and put the faults as rules into its gateway.
 * 2. Start a writer with the recording's config and one block of its size, and wait until that is done.
 * 3. Stop it, close the path, and put the history together.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import type { Lease, LeaseRequest } from '../../environment/lease.ts';
import type { HistoryEvent } from '../../history/events.ts';
import { mergeParts } from '../../history/merge.ts';
import { historyEvents } from '../../history/read-history.ts';
import type { ClientName } from '../../object-store/clients.ts';
import { usesPathStyle } from '../../object-store/path-style.ts';
import { Compression } from '../../scenario/compression.ts';
import type { FromSubject } from '../../subject/protocol.ts';
import type { SubjectPool } from '../../subject/subject-pool.ts';
import { faultRules } from './fault-rules.ts';
import { loadOfOneBlock, recordedDataBytes, recordedSettings } from './recorded-deployment.ts';
import type { Recording } from './recording.ts';

const WRITER = 'ingester-0';
const TENANT = 'single-tenant';
/** Recordings were made with the name of a region that MinIO has for every bucket. */
const REGION = 'us-east-1';

/** A course may take this many times as long as the recorded one, and the time of cutting and completing a block; then it is over. */
const PATIENCE = 2;
const UNTIL_FIRST_REQUEST_MS = 60_000;
/** As they pass: starting a writer on a busy machine. */
const STARTING_MS = 20_000;

export interface VectorRun {
  recording: Recording;
  client: ClientName;
  /** What every duration is divided by. */
  time: number;
  seed: number;
  /** Unique in the run, and fit for a bucket: `vectors-3-minio`. */
  name: string;
  /** Where the history goes. It is made. */
  folder: string;
  /** The writer's local disk. It is made; who called removes it. */
  disk: string;
  clock: Clock;
  signal: AbortSignal;
}

export interface VectorParts {
  lease(request: LeaseRequest): Promise<Lease>;
  subjects: SubjectPool;
}

export interface VectorHistory {
  events: HistoryEvent[];
  /** Why the writer was stopped before it was done. Absent: it was done. */
  unfinished?: string;
}

/** @throws Error when a part of the harness fails, and the signal's reason. */
export async function runRecording(parts: VectorParts, run: VectorRun): Promise<VectorHistory> {
  const partsFolder = join(run.folder, 'parts');
  await mkdir(partsFolder, { recursive: true });
  await mkdir(run.disk, { recursive: true });
  const settings = new Compression(run.time, 1).settings(recordedSettings(run.recording));
  settings.s3.region ||= REGION;
  const lease = await parts.lease({
    name: run.name,
    partsFolder,
    region: settings.s3.region,
    secure: !settings.s3.insecure,
    virtualHost: !usesPathStyle(settings.s3),
  });
  let unfinished: string | undefined;
  try {
    for (const rule of faultRules(run.recording.faults)) await lease.edge.addRule(rule);
    const dataBytes = recordedDataBytes(run.recording);
    const subject = await parts.subjects.take();
    try {
      const writer = subject.write({
        writer: WRITER,
        client: run.client,
        seed: run.seed,
        settings: {
          ...settings,
          s3: { ...settings.s3, bucket: lease.bucket },
          blocks: { ...settings.blocks, maxBlockBytes: dataBytes },
        },
        tenant: TENANT,
        s3: {
          ...lease.endpoint,
          credentials: lease.credentials,
          dns: { ...lease.dnsServer, ttlSecond: 1000 / run.time },
          ...(lease.authority && { ca: lease.authority.certificate }),
        },
        load: loadOfOneBlock(dataBytes, settings),
        disk: run.disk,
        historyFile: join(partsFolder, `${WRITER}.ndjson`),
      });
      const done = new AbortController();
      const patience = outOfTime(run, AbortSignal.any([run.signal, done.signal]));
      unfinished = await Promise.race([outcome(writer.on), writer.ended, patience]).finally(() => done.abort());
      await writer.stop();
    } finally {
      await parts.subjects.giveBack(subject);
    }
    await lease.closePath();
  } finally {
    await lease.release();
  }
  run.signal.throwIfAborted();
  const events = await historyEvents(await mergeParts(run.folder));
  return { events, ...(unfinished !== undefined && { unfinished }) };
}

/** How it ended before it was done, or `undefined` when it is. */
function outcome(on: (listener: (message: FromSubject) => void) => () => void): Promise<string | undefined> {
  return new Promise((resolve) => {
    on((message) => {
      if (message.type === 'done') resolve(undefined);
      if (message.type === 'failed') resolve(message.message);
    });
  });
}

async function outOfTime({ recording, time, clock }: VectorRun, signal: AbortSignal): Promise<string> {
  const last = recording.requests.at(-1);
  const recorded = last ? last.at_ms + last.took_ms : 0;
  const patience = (recorded * PATIENCE + UNTIL_FIRST_REQUEST_MS) / time + STARTING_MS;
  await clock.sleep(patience, signal).catch(() => {});
  return `it was not done within ${Math.round(patience / 1000)} s`;
}
