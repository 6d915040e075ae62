/**
 * The history of a large run that went well, made up from a seed: what its processes would have written, in the order in which they would
 * have. A deployment of writers flushes a block each 30 s, S3 throttles in the middle of it, attempts are tried again, and all is there in
 * the end.
 */
import { createHash } from 'node:crypto';
import type {
  AttemptEvent,
  BlockObject,
  EdgeEvent,
  HistoryEvent,
  PollEvent,
  PushEvent,
  S3Operation,
} from '../../history/events.ts';
import { Random } from '../../random.ts';

const WRITERS = 64;
const WRITERS_A_PROCESS = 8;
const ROUND_MS = 30_000;
const PUSHES = 10;
const PARTS = 16;
const PART_BYTES = 16 * 1024 * 1024;
const LATENESS_MS = 500;
const FAULT = '1-s3-error';
/** Of the attempts while S3 throttles. */
const THROTTLED_SHARE = 0.05;
const bucket = 'synthetic';
const route = 'synthetic';

/** The events of one part, in the order in which they were recorded. */
export type Parts = Map<string, HistoryEvent[]>;

const small = ['bloom-0', 'bloom-1', 'index', 'meta.json'] as const;

interface Uploaded {
  keyPrefix: string;
  block: string;
  objects: BlockObject[];
  flushedAt: number;
}

/**
 * A round of the run at a time, in the order of time. The last one has at least `events` behind it.
 */
export function* syntheticRun(events: number, seed: number): Generator<Parts> {
  const run = new SyntheticRun(seed);
  yield run.begin();
  // The last objects are read at the end, so they count from the start.
  while (run.recorded + run.toRead < events) yield run.round();
  yield run.end();
}

class SyntheticRun {
  readonly #random: Random;
  readonly #uploaded: Uploaded[] = [];
  #parts: Parts = new Map();
  #round = 0;
  #attempts = 0;
  #throttled = 0;
  #healed = false;
  recorded = 0;

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Events that the final read will be. */
  get toRead(): number {
    return this.#uploaded.length * (small.length + 1);
  }

  begin(): Parts {
    const expect = {
      verdict: 'pass',
      lost: 0,
      deadlineExceeded: 0,
      visibleWithin: 600_000,
      recoveredWithin: 180_000,
      amplification: 4,
    };
    this.#record('harness', {
      ...{ t: 0, type: 'scenario', format: 1, tool: 'tempo-s3-chaos bench', name: 'synthetic', client: 'minio' },
      ...{ seed: this.#random.seed, environment: 'native', compression: { time: 1, bytes: 1 } },
      scenario: {
        ...{ name: 'synthetic', about: 'A large run that was made up.', expect, load: { compactors: 0 } },
        timeline: [{ at: 0, for: ROUND_MS, fault: 's3-error', with: { code: 'SlowDown' } }],
      },
      settings: {
        ...{ version: '2.9', policy: { flushOpTimeout: 300_000, attempts: 10 }, other: { blocklistPoll: 300_000 } },
      },
      command: 'npm run bench -- judging',
    } as HistoryEvent);
    this.#record('harness', { t: 1, type: 'phase', phase: 'lease' });
    this.#probe('before', 2);
    this.#record('harness', { t: 3, type: 'phase', phase: 'steady-state' });
    return this.#take();
  }

  /** A block of each writer is filled, cut and flushed; in the fourth round S3 throttles. */
  round(): Parts {
    const round = this.#round++;
    const from = 1000 + round * ROUND_MS;
    if (round === 3) {
      this.#record('harness', { t: from - 2, type: 'phase', phase: 'timeline' });
      const parameters = { code: 'SlowDown', operations: ['PutObject', 'UploadPart'], when: 'instead' };
      this.#record('harness', { t: from - 1, type: 'fault.start', id: FAULT, fault: 's3-error', with: parameters });
    }
    for (let writer = 0; writer < WRITERS; writer++) this.#block(round, writer, from);
    if (round === 4) this.#heal(from - 1);
    this.#lateness(from);
    this.#poll(from + ROUND_MS - 1);
    return this.#take();
  }

  end(): Parts {
    let t = 1000 + (this.#round + 1) * ROUND_MS;
    if (!this.#healed) this.#heal(t);
    this.#probe('after', t + 1);
    this.#record('harness', { t: t + 2, type: 'phase', phase: 'drain' });
    this.#record('harness', { t: t + 3, type: 'phase', phase: 'final-read' });
    let bytes = 0;
    for (const { keyPrefix, objects } of this.#uploaded) {
      for (const { name, size, sha256 } of objects) {
        t += 0.01;
        bytes += size;
        const lastModified = '2026-01-01T00:00:00.000Z';
        this.#record('harness', { t: t + 4, type: 'final.object', key: keyPrefix + name, size, sha256, lastModified });
      }
    }
    this.#record('harness', { t: t + 5, type: 'final.read', objects: this.toRead, bytes });
    this.#record('harness', { t: t + 6, type: 'phase', phase: 'judging' });
    return this.#take();
  }

  #block(round: number, number: number, from: number): void {
    const writer = `ingester-${number}`;
    const block = this.#random.uuid('block', round, number);
    const chance = chances(`${this.#random.seed} ${block}`);
    const push = Math.floor((PARTS * PART_BYTES) / PUSHES) - Math.floor(chance() * 1_000_000);
    const bytes = push * PUSHES;
    for (let step = 0; step < PUSHES; step++) {
      const live = { bytes: push * ((step % (PUSHES / 2)) + 1), traces: 100 };
      const t = from + ((step + chance() / 2) * ROUND_MS * 0.3) / PUSHES;
      this.#record(writer, { t, type: 'push', writer, bytes: push, traces: 100, live } satisfies PushEvent);
      if (step % (PUSHES / 2) !== PUSHES / 2 - 1) continue;
      const page = (step + 1) / (PUSHES / 2);
      this.#record(writer, { t: t + 1, type: 'wal.page', writer, block, page, bytes: bytes / 2 });
    }
    const cut = from + ROUND_MS * (0.35 + chance() * 0.05);
    const keyPrefix = `single-tenant/${block}/`;
    const objects = [
      { name: 'data.parquet', size: bytes },
      ...small.map((name) => ({ name, size: 1000 + name.length })),
    ].map((object) => ({ ...object, sha256: createHash('sha256').update(`${block} ${object.name}`).digest('hex') }));
    const total = objects.reduce((sum, { size }) => sum + size, 0);
    this.#record(writer, {
      ...{ t: cut, type: 'complete', writer, block, attempt: 1, start: cut - 20, queue: 0, outcome: 'ok' },
    } as HistoryEvent);
    this.#record(writer, { t: cut + 0.1, type: 'block.cut', writer, block, keyPrefix, bytes: total, objects });
    this.#record(writer, { t: cut + 5, type: 'flush.start', writer, block, attempt: 1, queue: 1 });
    const flushedAt = this.#upload(writer, keyPrefix, cut + 6, chance);
    this.#record(writer, {
      ...{ t: flushedAt, type: 'flush.end', writer, block, attempt: 1, outcome: 'ok', deadlineExceeded: false },
    } as HistoryEvent);
    this.#uploaded.push({ keyPrefix, block, objects, flushedAt });
  }

  /** When it was over. Parts go up four at a time. */
  #upload(writer: string, keyPrefix: string, from: number, chance: () => number): number {
    const data = `${keyPrefix}data.parquet`;
    const created = this.#request(writer, 'CreateMultipartUpload', data, undefined, from, 0, chance);
    const lanes = [created, created, created, created];
    for (let part = 1; part <= PARTS; part++) {
      const lane = lanes.indexOf(Math.min(...lanes));
      lanes[lane] = this.#request(writer, 'UploadPart', data, part, lanes[lane] as number, PART_BYTES, chance);
    }
    let t = this.#request(writer, 'CompleteMultipartUpload', data, undefined, Math.max(...lanes), 2000, chance);
    for (const name of small) t = this.#request(writer, 'PutObject', keyPrefix + name, undefined, t, 1000, chance);
    return t + 0.1;
  }

  /** When it was answered at last. */
  #request(
    writer: string,
    operation: S3Operation,
    key: string,
    partNumber: number | undefined,
    from: number,
    size: number,
    chance: () => number,
  ): number {
    const request = `${writer}-${++this.#attempts}`;
    let start = from;
    for (let attempt = 1; ; attempt++) {
      const took = 10 + chance() * 40 + size / 50_000;
      const throttling = this.#round === 4 && (operation === 'PutObject' || operation === 'UploadPart');
      const throttled = throttling && chance() < THROTTLED_SHARE;
      if (throttled) this.#throttled++;
      const end = start + took;
      const retryIn = throttled ? chance() * 200 * 2 ** attempt : undefined;
      const about = { operation, bucket, key, ...(partNumber !== undefined && { partNumber }) };
      const id = `${request}.${attempt}`;
      const connection = this.#attempts % 1000;
      this.#record('gateway', {
        ...{
          t: end - 0.5,
          type: 'edge',
          id,
          route,
          connection,
          ...about,
          method: operation.startsWith('C') ? 'POST' : 'PUT',
        },
        ...{
          wire: { first: start + 0.6, last: end - 6 },
          start: start + 0.8,
          bytesIn: size,
          bytesOut: throttled ? 400 : 0,
        },
        ...(throttled
          ? { status: 503, code: 'SlowDown', rule: FAULT }
          : {
              upstream: {
                ...{ start: start + 1, answer: end - 1.5, end: end - 1, status: 200 },
                etag: id.padEnd(32, '0'),
              },
            }),
        ...{ bodyEnd: end - 5, answerStart: end - 0.9, ...(!throttled && { status: 200 }) },
      } as EdgeEvent);
      this.#record(writer, {
        ...{ t: end, type: 'attempt', id, ...about, request, attempt, start },
        phases: { socket: 0.1 + chance(), send: took - 7, diskRead: 1.5, wait: 5 + chance(), receive: 0.3 },
        ...{ bytesSent: size, bytesReceived: throttled ? 400 : 0, outcome: throttled ? 'fail' : 'ok' },
        ...{
          status: throttled ? 503 : 200,
          ...(throttled && { code: 'SlowDown', message: 'Please reduce your rate.' }),
        },
        ...{ connection, reused: true, ...(retryIn !== undefined && { retryIn }) },
      } as AttemptEvent);
      if (retryIn === undefined) return end;
      start = end + retryIn;
    }
  }

  #heal(t: number): void {
    this.#healed = true;
    this.#record('harness', {
      ...{ t, type: 'fault.end', id: FAULT, fault: 's3-error', fired: this.#throttled, unit: 'requests' },
      ...{ healed: true, until: t - 0.5, evidence: { considered: this.#throttled } },
    } as HistoryEvent);
  }

  #probe(when: 'before' | 'after', t: number): void {
    const samples = [5, 6, 7].map((ms) => ({ operation: 'PutObject' as const, ms: when === 'before' ? ms : ms - 1 }));
    this.#record('harness', { t, type: 'probe', when, samples, inForce: [] });
  }

  #lateness(from: number): void {
    const processes = ['harness', 'gateway', 'dns'];
    for (let process = 0; process < WRITERS / WRITERS_A_PROCESS; process++)
      processes.push(`ingester-${process * WRITERS_A_PROCESS}`);
    for (let at = LATENESS_MS; at <= ROUND_MS; at += LATENESS_MS) {
      for (const [index, part] of processes.entries()) {
        const process = index < 3 ? part : 'subject';
        this.#record(part, {
          ...{ t: from + at + index / 100, type: 'lateness', process, pid: 1000 + index, memory: 80_000_000 },
          ...{ maxMs: 1.25, totalMs: 3.5, intervalMs: LATENESS_MS },
        } as HistoryEvent);
      }
    }
  }

  /** Of what was flushed since the last one. */
  #poll(t: number): void {
    const found = this.#uploaded
      .slice(-WRITERS)
      .filter(({ flushedAt }) => flushedAt < t - 100)
      .map(({ keyPrefix, block, objects }) => ({
        ...{ keyPrefix, block, objects: objects.map(({ name, size }) => ({ name, size })) },
      }));
    this.#record('harness', { t, type: 'poll', start: t - 50, found } satisfies PollEvent);
  }

  #record(part: string, event: HistoryEvent): void {
    const events = this.#parts.get(part);
    if (events) events.push(event);
    else this.#parts.set(part, [event]);
    this.recorded++;
  }

  /** As the processes would have recorded them: what ends first is there first. */
  #take(): Parts {
    const parts = this.#parts;
    this.#parts = new Map();
    for (const events of parts.values()) events.sort((a, b) => a.t - b.t);
    return parts;
  }
}

/** Numbers from 0 to 1, always the same of the same text (xorshift32): `Random` hashes each, and there are millions. */
function chances(text: string): () => number {
  let state = createHash('sha256').update(text).digest().readUInt32LE(0) || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
