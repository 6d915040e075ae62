/**
 * Histories made by hand, for tests and for the examples of the checkers' pages: each function gives the events of one thing that happens,
 * at the times it is told (milliseconds), and `inOrder` makes a history of them. Nothing here is used when a run is judged.
 */
import type {
  AttemptEvent,
  BlockObject,
  EdgeEvent,
  FaultEndEvent,
  FlushEndEvent,
  HistoryEvent,
  PhaseEvent,
  ProbeEvent,
  S3Operation,
  ScenarioEvent,
  WriterProcessEvent,
  WriterStartFailedEvent,
} from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';
import type { CheckContext, Checker, Finding } from './checker.ts';

export const bucket = 'blocks';
export const WRITER = 'ingester-0';

/** The objects of each example block, in the order of upload. `data.parquet` goes up in two parts. */
export const objectNames = ['data.parquet', 'bloom-0', 'index', 'meta.json'] as const;

/** The folder of a block in the bucket. */
export function folderOf(block: string): string {
  return `chaos/single-tenant/${block}/`;
}

/** What the example block has as this object: made from the names, so that each differs. */
export function objectOf(block: string, name: string): BlockObject {
  return { name, size: 100 + name.length, sha256: `sha256-of-${block}-${name}` };
}

/** The events in the order of time; those of the same moment as they were given. */
export function inOrder(...events: (HistoryEvent | readonly HistoryEvent[])[]): HistoryEvent[] {
  return events.flat().sort((a, b) => a.t - b.t);
}

/** The events of one type, in their order. */
export function ofType<Type extends HistoryEvent['type']>(
  events: readonly HistoryEvent[],
  type: Type,
): Extract<HistoryEvent, { type: Type }>[] {
  return events.filter((event): event is Extract<HistoryEvent, { type: Type }> => event.type === type);
}

/** Runs one checker over a history. Expects no loss, and sets no budget, unless told. */
export function check(checker: Checker, events: readonly HistoryEvent[], context: PartialContext = {}): Finding[] {
  const running = checker.start({
    expect: { verdict: 'pass', lost: 0, ...context.expect },
    compression: context.compression ?? { time: 1, bytes: 1 },
  });
  for (const event of events) running.see(event);
  return running.findings();
}

export interface PartialContext {
  expect?: Partial<Expectations>;
  compression?: CheckContext['compression'];
}

export function scenario(
  context: PartialContext & { timeline?: unknown[]; flushOpTimeout?: number; blocklistPoll?: number } = {},
): ScenarioEvent {
  return {
    t: 0,
    type: 'scenario',
    format: 1,
    tool: 'tempo-s3-chaos 0',
    name: 'example',
    client: 'minio',
    seed: 42,
    environment: 'native',
    scenario: { expect: { verdict: 'pass', lost: 0, ...context.expect }, timeline: context.timeline ?? [] },
    compression: context.compression ?? { time: 1, bytes: 1 },
    settings: {
      policy: { flushOpTimeout: context.flushOpTimeout ?? 300_000 },
      other: { blocklistPoll: context.blocklistPoll ?? 300_000 },
    },
    command: 'npx tempo-s3-chaos run example --client minio --seed 42',
  };
}

export function phase(name: PhaseEvent['phase'], t: number): PhaseEvent {
  return { t, type: 'phase', phase: name };
}

export function cut(block: string, t: number, names: readonly string[] = objectNames): HistoryEvent {
  const objects = names.map((name) => objectOf(block, name));
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  return { t, type: 'block.cut', writer: WRITER, block, keyPrefix: folderOf(block), bytes, objects };
}

export function flushStart(block: string, t: number, attempt = 1): HistoryEvent {
  return { t, type: 'flush.start', writer: WRITER, block, attempt, queue: 0 };
}

export function flushEnd(block: string, t: number, how: Partial<FlushEndEvent> = {}): HistoryEvent {
  return {
    t,
    type: 'flush.end',
    writer: WRITER,
    block,
    attempt: 1,
    outcome: how.deadlineExceeded ? 'fail' : 'ok',
    deadlineExceeded: false,
    ...how,
  };
}

export function dropped(block: string, t: number, reason = 'no retries are left'): HistoryEvent {
  return { t, type: 'block.dropped', writer: WRITER, block, reason };
}

/** So many bytes are acknowledged; `live` of them and of those before are in memory then. */
export function push(t: number, bytes: number, live: number, refused = 0): HistoryEvent {
  const by = 'rate_limit_bytes' as const;
  return {
    t,
    type: 'push',
    writer: WRITER,
    bytes,
    traces: 1,
    ...(refused > 0 && { refused: { bytes: refused, by } }),
    live: { bytes: live, traces: 1 },
  };
}

export function walPage(block: string, t: number, page: number, bytes: number): HistoryEvent {
  return { t, type: 'wal.page', writer: WRITER, block, page, bytes };
}

/** A block with so many bytes of data, and a `meta.json`. */
export function cutOf(block: string, t: number, bytes: number): HistoryEvent {
  const objects = [{ ...objectOf(block, 'data.parquet'), size: bytes }, objectOf(block, 'meta.json')];
  return { t, type: 'block.cut', writer: WRITER, block, keyPrefix: folderOf(block), bytes, objects };
}

/** A failed attempt to complete a block, unless told otherwise; `error` as the disk has it. */
export function completion(block: string, t: number, attempt: number, error?: string): HistoryEvent {
  const event = { t, type: 'complete', writer: WRITER, block, attempt, start: t, queue: 0 } as const;
  return error === undefined ? { ...event, outcome: 'ok' } : { ...event, outcome: 'fail', error };
}

export function cleared(block: string, t: number): HistoryEvent {
  return { t, type: 'block.cleared', writer: WRITER, block };
}

/** What a full disk, or one that fails, makes of a page: it is lost before it is closed. */
export function cutFailed(block: string, t: number, bytes: number, error = 'EIO: i/o error, write'): HistoryEvent {
  return { ...walLost(block, t, bytes), reason: `failed to cut traces: ${error}` } as HistoryEvent;
}

export function walLost(block: string, t: number, bytes: number, reason = 'failed to replay block. removing.') {
  return { t, type: 'data.lost', what: 'wal', writer: WRITER, block, bytes, reason } as const;
}

export function liveLost(t: number, bytes: number): HistoryEvent {
  return { t, type: 'data.lost', what: 'live-traces', writer: WRITER, bytes, reason: 'the process was killed' };
}

export function processEvent(what: WriterProcessEvent['what'], t: number): HistoryEvent {
  return { t, type: 'writer.process', what, writers: [WRITER], rule: '1-writer-crash' };
}

/** Of the fault `1-writer-crash`, unless told otherwise. */
export function startFailed(
  [start, t]: readonly [number, number],
  retryIn: number | undefined,
  how: Partial<WriterStartFailedEvent> = {},
): HistoryEvent {
  const about = { type: 'writer.start-failed', writer: WRITER, rule: '1-writer-crash', error: 'S3 is away' } as const;
  return { t, ...about, start, ...(retryIn !== undefined && { retryIn }), ...how };
}

export function finalWal(block: string, t: number, bytes: number): HistoryEvent {
  return { t, type: 'final.wal', writer: WRITER, block, bytes };
}

/** How one request goes, client and gateway. What is not told goes well. */
export interface RequestOptions {
  operation?: S3Operation;
  partNumber?: number;
  attempt?: number;
  /** MinIO's answer: a status, or `none` (it got the request, and its answer never came), or `unseen` (it did not get it). */
  upstream?: number | 'none' | 'unseen';
  /** What a rule of the gateway answers in MinIO's place. */
  answered?: { status: number; code: string };
  etag?: string;
  client?: Partial<AttemptEvent>;
  edge?: Partial<EdgeEvent>;
}

/** One attempt of one request from `start` to `end`, by default a PutObject: as the client saw it, and as the S3 edge did. */
export function request(
  block: string,
  name: string,
  [start, end]: readonly [start: number, end: number],
  options: RequestOptions = {},
): [EdgeEvent, AttemptEvent] {
  const { operation = 'PutObject', partNumber, attempt = 1, upstream = 200 } = options;
  const part = partNumber === undefined ? {} : { partNumber };
  const key = folderOf(block) + name;
  const request = `${operation} ${key} ${partNumber ?? ''}`;
  const id = `${request} ${start}`;
  const ok = typeof upstream === 'number' && upstream < 300;
  const minio = {
    ...(typeof upstream === 'number' && { status: upstream }),
    ...(ok && { etag: options.etag ?? `etag-of-${name}` }),
  };
  const answer = options.answered ?? (typeof upstream === 'number' ? { status: upstream } : undefined);
  return [
    {
      t: end,
      type: 'edge',
      id,
      route: 'route',
      connection: 1,
      operation,
      bucket,
      key,
      ...part,
      method: 'PUT',
      start,
      bodyEnd: start,
      bytesIn: 100,
      bytesOut: 100,
      ...answer,
      ...(upstream !== 'unseen' && { upstream: { start, end, ...minio } }),
      ...options.edge,
    },
    {
      t: end,
      type: 'attempt',
      id,
      operation,
      bucket,
      key,
      ...part,
      request,
      attempt,
      start,
      phases: { wait: end - start },
      bytesSent: 100,
      bytesReceived: 100,
      outcome: ok ? 'ok' : answer ? 'fail' : 'info',
      ...(answer ?? { failure: 'reset' }),
      ...options.client,
    },
  ];
}

/** An attempt that the gateway answered with SlowDown in MinIO's place. */
export function slowDown(
  block: string,
  name: string,
  time: readonly [start: number, end: number],
  options: RequestOptions = {},
): [EdgeEvent, AttemptEvent] {
  const answered = { status: 503, code: 'SlowDown' };
  return request(block, name, time, { ...options, upstream: 'unseen', answered });
}

const uploadSteps: [name: string, options: RequestOptions][] = [
  ['data.parquet', { operation: 'CreateMultipartUpload' }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 1 }],
  ['data.parquet', { operation: 'UploadPart', partNumber: 2 }],
  ['data.parquet', { operation: 'CompleteMultipartUpload' }],
  ['bloom-0', {}],
  ['index', {}],
  ['meta.json', {}],
];

/** The requests that bring a block to S3, one after the other, each so long, one begun so long after the other. */
export function uploadRequests(block: string, start: number, each: number, every: number): [EdgeEvent, AttemptEvent][] {
  return uploadSteps.map(([name, options], index) => {
    const from = start + index * every;
    return request(block, name, [from, from + each], options);
  });
}

/** The same, each 10 ms long with 10 ms between them: 130 ms in all. */
export function upload(block: string, start: number): HistoryEvent[] {
  return uploadRequests(block, start, 10, 20).flat();
}

/** Requests that `upload` sends. */
export const requestsOfUpload = 7;

/** A flush in which nothing goes wrong, from `start` to `start + 140`. */
export function flush(block: string, start: number, attempt = 1): HistoryEvent[] {
  return [flushStart(block, start, attempt), ...upload(block, start), flushEnd(block, start + 140, { attempt })];
}

export function fault(
  id: string,
  [start, end]: readonly [number, number],
  how: Partial<FaultEndEvent> = {},
): HistoryEvent[] {
  const name = id.replace(/^\d+-/, '');
  return [
    { t: start, type: 'fault.start', id, fault: name, with: {} },
    { t: end, until: end, type: 'fault.end', id, fault: name, fired: 1, unit: 'requests', healed: true, ...how },
  ];
}

/** The path as the harness probed it: quick, and nothing in force, unless told otherwise. */
export function probed(when: ProbeEvent['when'], t: number, how: Partial<ProbeEvent> = {}): ProbeEvent {
  const samples = [4, 3, 5].map((ms) => ({ operation: 'PutObject' as const, ms }));
  return { t, type: 'probe', when, samples, inForce: [], ...how };
}

export function lateness(t: number, maxMs: number, process = 'gateway'): HistoryEvent {
  return { t, type: 'lateness', process, maxMs, totalMs: maxMs, intervalMs: 500 };
}

export function finalObject(block: string, name: string, t: number, how: { size?: number; sha256?: string } = {}) {
  const { size, sha256 } = objectOf(block, name);
  const lastModified = '2026-01-01T00:00:00Z';
  return { t, type: 'final.object', key: folderOf(block) + name, size, sha256, lastModified, ...how } as const;
}

export function finalLocal(block: string, name: string, t: number, how: { size?: number; sha256?: string } = {}) {
  const { size, sha256 } = objectOf(block, name);
  return { t, type: 'final.local', writer: WRITER, block, name, size, sha256, ...how } as const;
}

/** The final read finds these blocks whole. */
export function finalRead(t: number, ...blocks: string[]): HistoryEvent[] {
  const objects = blocks.flatMap((block) => objectNames.map((name) => finalObject(block, name, t)));
  return [...objects, finalReadOf(t, objects.length)];
}

export function finalReadOf(t: number, objects: number): HistoryEvent {
  return { t, type: 'final.read', objects, bytes: objects * 100 };
}
