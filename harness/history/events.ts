/**
 * The history: what happened in one scenario, as events. It is the one record that all judging is done from.
 *
 * Every event carries `t`, milliseconds on the monotonic clock that all processes of the machine share (`realClock.now`),
 * and `type`. Durations and times in events are as they passed: under compression, compressed.
 * Each process writes a part of its own (`client.ndjson`, `edge.ndjson`, ...); when the scenario is over the parts are
 * merged, in the order of `t`, into `history.ndjson`.
 */

/** S3 operations by the names of S3's API reference. `Unknown` is what the gateway could not name. */
export const s3Operations = [
  'AbortMultipartUpload',
  'CompleteMultipartUpload',
  'CopyObject',
  'CreateBucket',
  'CreateMultipartUpload',
  'DeleteBucket',
  'DeleteObject',
  'DeleteObjects',
  'GetBucketLocation',
  'GetObject',
  'HeadBucket',
  'HeadObject',
  'ListBuckets',
  'ListMultipartUploads',
  'ListObjects',
  'ListObjectsV2',
  'ListParts',
  'PutObject',
  'UploadPart',
  'UploadPartCopy',
  'Unknown',
] as const;
export type S3Operation = (typeof s3Operations)[number];

/** How an operation ended: `info` means unknown, it may have taken effect (its answer was lost). */
export type Outcome = 'ok' | 'fail' | 'info';

/** What ended an attempt that has no S3 answer, or hid it. */
export type TransportFailure =
  | 'dns' // the name was not resolved
  | 'connect' // refused, unreachable, or the dial timeout
  | 'tls' // the handshake failed, or its timeout
  | 'reset' // the connection ended before the whole answer had come
  | 'header-timeout' // the request was sent, and no answer began in time
  | 'deadline' // the operation's own deadline ended it
  | 'aborted' // the writer was told to stop
  | 'disk' // the local disk did not give the body
  | 'protocol'; // the answer was not HTTP, or not what S3 answers

/**
 * The milliseconds that each phase of one attempt took, as the client saw them. They follow one another; a phase that did
 * not happen (no DNS and no connect on a pooled connection) is absent.
 */
export interface Phases {
  /** Waiting for a connection of the pool. */
  socket?: number;
  dns?: number;
  connect?: number;
  tls?: number;
  /** From the connection being ours to the last byte of the request handed to the kernel. Reading the disk is in it. */
  send?: number;
  /** Of `send`: waiting for the local disk to give bytes. */
  diskRead?: number;
  /** From the request sent to the first byte of the answer. */
  wait?: number;
  /** From the first to the last byte of the answer. */
  receive?: number;
}

interface At<Type extends string> {
  t: number;
  type: Type;
}

/** One attempt of one S3 operation, as the client saw it. `t` is its end. */
export interface AttemptEvent extends At<'attempt'> {
  /** Unique in the run; travels in the header `x-chaos-attempt`, which the gateway strips. */
  id: string;
  operation: S3Operation;
  bucket: string;
  key: string;
  partNumber?: number;
  /** Groups the attempts of one request needed: all share it. */
  request: string;
  /** 1 for the first. */
  attempt: number;
  start: number;
  phases: Phases;
  bytesSent: number;
  bytesReceived: number;
  outcome: Outcome;
  status?: number;
  /** The S3 error code of the answer. */
  code?: string;
  failure?: TransportFailure;
  message?: string;
  /** The client's number for the connection, and whether it was used before. Absent if there never was one. */
  connection?: number;
  reused?: boolean;
  /** Whether the policy will try again, and after how many milliseconds. */
  retryIn?: number;
}

/** One request as the S3 edge of the gateway saw it. `t` is the end of the exchange. */
export interface EdgeEvent extends At<'edge'> {
  /** The attempt id, when the client sent one. */
  id?: string;
  route: string;
  connection: number;
  operation: S3Operation;
  bucket: string;
  key: string;
  partNumber?: number;
  uploadId?: string;
  method: string;
  /**
   * The request as the wire stage saw it, below S3 and before any cap of its own: when its first and its last byte came in from outside. A
   * shared cap delays what comes after: `start`, `bodyEnd`.
   */
  wire?: { first: number; last: number };
  /** The request's headers were read. */
  start: number;
  /** The last byte of the request's body was read from the client. Absent if it never came. */
  bodyEnd?: number;
  /** The first byte of the answer was handed to the client's connection. Absent if there was none. */
  answerStart?: number;
  bytesIn: number;
  bytesOut: number;
  /** The status that the client was answered. Absent when the connection ended first. */
  status?: number;
  code?: string;
  /** What MinIO did with it. Absent: MinIO never saw it. */
  upstream?: {
    start: number;
    /** The first byte of MinIO's answer. Absent if there was none. */
    answer?: number;
    end: number;
    status?: number;
    /** MinIO's ETag, for an object written. */
    etag?: string;
    error?: string;
    /** A kept connection turned out to have ended before any answer, so the gateway sent the request again: how it had ended. */
    resent?: string;
    /** Milliseconds for which it took no more of the body, so that the edge did not read on. Absent: none. */
    blockedMs?: number;
  };
  /** The rules (injected faults) that took effect on this request or kept it from MinIO: their names, joined by `+`. See `ruledBy`. */
  rule?: string;
  /** What each rule that draws by the seed decided of it when its headers were read, whatever became of the request later. */
  judged?: readonly JudgedBy[];
  /** Bits of the request's or the answer's body that a rule flipped. */
  flipped?: number;
  /** Milliseconds that a rule made it wait. */
  heldMs?: number;
  /** The connection ended before the exchange was over: who ended it. */
  cut?: 'client' | 'upstream' | 'rule';
}

/** One decision of a rule: the seed's, for the `n`-th time (from 1) that it judged the same (operation, key, part). */
export interface JudgedBy {
  rule: string;
  n: number;
  /** It was to act on the request. */
  acts: boolean;
}

/**
 * One poll of the bucket by a reader that does what Tempo's blocklist does: straight from MinIO, past all faults. `t` is its end.
 * `found`: the blocks whose meta.json was there for the first time, with the objects of the block that were there once meta.json had been
 * seen.
 */
export interface PollEvent extends At<'poll'> {
  start: number;
  found: { keyPrefix: string; block: string; objects: { name: string; size: number }[] }[];
  /** Each meta.json seen for the first time that no reader makes a block of, and why. */
  unreadable?: { key: string; problem: string }[];
  /** The poll failed, and says nothing of the bucket. */
  error?: string;
}

/** One connection as the wire stage of the gateway saw it, below S3. `t` is its end. */
export interface WireEvent extends At<'wire'> {
  route: string;
  connection: number;
  opened: number;
  bytesIn: number;
  bytesOut: number;
  /** `client`: ended from outside; `gateway`: by us; `error`: reset. */
  ended: 'client' | 'gateway' | 'error';
  /** The wire rules (shared caps) that made its bytes wait, see gateway/ruled-by.ts. */
  rule?: string;
}

/** One TLS handshake as the gateway saw it. `t` is its end. */
export interface TlsHandshakeEvent extends At<'tls.handshake'> {
  route: string;
  connection: number;
  start: number;
  outcome: 'ok' | 'fail';
  /** Of a failed one: the client's alert (`certificate expired`), or how it ended. */
  error?: string;
  /** The wire rule that acted on it. */
  rule?: string;
}

/** One query that the DNS server got. */
export interface DnsQueryEvent extends At<'dns.query'> {
  /** As it was given out. */
  name: string;
  /** What was asked for, where it is not the name itself: one below it, or one with a suffix of the search list. */
  asked?: string;
  question: string;
  transport: 'udp' | 'tcp';
  /** NOERROR, NXDOMAIN, SERVFAIL, ...; `none` when no answer was given on purpose. */
  answer: string;
  addresses: string[];
  rule?: string;
}

export interface BlockObject {
  /** The name below the block's folder: `data.parquet`, `bloom-0`, `index`, `meta.json`. */
  name: string;
  size: number;
  /** Hex. */
  sha256: string;
}

/**
 * Data that a writer was sent, once a push: `bytes` were acknowledged, and are in memory alone until a page of the WAL has them. What
 * a limit refused, its sender knows of. `live` is what is in memory after it.
 */
export interface PushEvent extends At<'push'> {
  writer: string;
  bytes: number;
  traces: number;
  refused?: { bytes: number; by: 'rate_limit_bytes' | 'max_traces_per_user' };
  live: { bytes: number; traces: number };
}

/** A page of a WAL block was closed: what it holds survives the end of the process, and is in memory no more. */
export interface WalPageEvent extends At<'wal.page'> {
  writer: string;
  block: string;
  /** Counted from 1 in each block. */
  page: number;
  bytes: number;
}

/** An attempt to complete a block begins: the one that never ends is known by this alone. */
export interface CompleteStartEvent extends At<'complete.start'> {
  writer: string;
  block: string;
  /** 1 for the first. */
  attempt: number;
  queue: number;
  /** When it was dealt to its queue: it waited there until `t`. */
  dealt: number;
}

/** One attempt to complete a block (WAL to local block). `t` is its end. */
export interface CompleteEvent extends At<'complete'> {
  writer: string;
  block: string;
  attempt: number;
  start: number;
  queue: number;
  outcome: 'ok' | 'fail';
  error?: string;
  /** Milliseconds until the next attempt. Absent of a failed one: it was the last. */
  retryIn?: number;
}

/** The local copy of a block that was flushed was deleted, as is due. */
export interface BlockClearedEvent extends At<'block.cleared'> {
  writer: string;
  block: string;
}

/** A block is complete on the local disk: from here on its data must not be lost. `objects` are in the order of upload. */
export interface BlockCutEvent extends At<'block.cut'> {
  writer: string;
  block: string;
  /** `<prefix>/<tenant>/<block>/`, without a slash in front. */
  keyPrefix: string;
  bytes: number;
  objects: BlockObject[];
}

export interface FlushStartEvent extends At<'flush.start'> {
  writer: string;
  block: string;
  /** 1 for the first. */
  attempt: number;
  queue: number;
}

export interface FlushEndEvent extends At<'flush.end'> {
  writer: string;
  block: string;
  attempt: number;
  outcome: 'ok' | 'fail';
  /** True when `flush_op_timeout` ended it: what Tempo logs as `context deadline exceeded`. */
  deadlineExceeded: boolean;
  /** What Tempo would log. */
  error?: string;
  /** Milliseconds until the next attempt. */
  retryIn?: number;
}

/**
 * The writer gave a block up: deleted it, which Tempo never does after a failed flush but does when it cannot be completed, or found at
 * a start that it is of no use. Of a block that was never cut it is all that is told.
 */
export interface BlockDroppedEvent extends At<'block.dropped'> {
  writer: string;
  block: string;
  reason: string;
}

/**
 * Data that was acknowledged is gone before its block was cut. `live-traces`: it was in memory when the process ended, which Tempo
 * promises nothing about. `wal`: a page that could not be written, or that went with its WAL.
 */
export interface DataLostEvent extends At<'data.lost'> {
  what: 'live-traces' | 'wal';
  writer: string;
  /** Absent of live traces, which are of no block yet. */
  block?: string;
  bytes: number;
  reason: string;
}

/** One request of the traffic beside the writers': a querier's, or a compactor's that is not the subject. `t` is its end. */
export interface BackgroundEvent extends At<'background'> {
  operation: S3Operation;
  ms: number;
  bytes: number;
  outcome: 'ok' | 'fail';
  error?: string;
}

/** One job of a compactor that is a subject: blocks of the bucket read, and one larger written. `t` is its end. */
export interface CompactionEvent extends At<'compaction'> {
  compactor: string;
  start: number;
  /** The blocks that were chosen. */
  inputs: string[];
  /** Those whose data.parquet was read to its end, and what was read. */
  read: { block: string; size: number; sha256: string }[];
  /** The new block. */
  output: string;
  /** See `BlockCutEvent.keyPrefix`. */
  keyPrefix: string;
  /** What S3 acknowledged of the new block, in the order in which it was written: it is whole when meta.json is among it. */
  objects: BlockObject[];
  /** The inputs whose mark S3 acknowledged: meta.compacted.json is there, and meta.json is gone. */
  marked: string[];
  outcome: 'ok' | 'fail';
  error?: string;
  /** Parts that S3 acknowledged of an upload that was neither completed nor aborted: Tempo's compactor aborts none. */
  orphanedParts: number;
}

export interface PhaseEvent extends At<'phase'> {
  phase: 'lease' | 'steady-state' | 'timeline' | 'drain' | 'final-read' | 'judging';
}

/** One operation on a writer's local disk that failed, or on which a fault acted. `t` is its end. */
export interface DiskEvent extends At<'disk'> {
  writer: string;
  operation: 'write' | 'read';
  path: string;
  start: number;
  /** Bytes that were written or read. */
  bytes: number;
  error?: string;
  /** The fault that acted on it. */
  rule?: string;
}

/** The process that a writer runs in was stopped, went on, was killed, or was started again, as a fault asked for. */
export interface WriterProcessEvent extends At<'writer.process'> {
  /** `stopped`: as a rolling restart stops it, with time to put things in order. */
  what: 'paused' | 'resumed' | 'killed' | 'stopped' | 'restarted';
  writers: string[];
  /** The fault. */
  rule: string;
  /** Of a restart, whose `t` is that of the first try: what the writers found on their disks; of a power loss what was gone. */
  found?: Record<string, number>;
}

/**
 * A writer that a fault had ended could not start, since S3 refused the listing with which Tempo begins, or did not answer it. What
 * watches over it (a kubelet) starts it again. `t`: that it could not was told.
 */
export interface WriterStartFailedEvent extends At<'writer.start-failed'> {
  writer: string;
  /** The fault that had ended its process. */
  rule: string;
  /** It was told to start. */
  start: number;
  /** What Tempo would log. */
  error: string;
  /** Milliseconds until it is started again: the crash-loop back-off. Absent: it was not. */
  retryIn?: number;
}

/** The lease's own S3 server was touched by a fault. */
export interface ServerEvent extends At<'server'> {
  what: 'paused' | 'resumed' | 'ended' | 'started' | 'filled' | 'emptied';
  rule: string;
}

/**
 * What the way through the path looked like, as a probe of the harness saw it: before the first fault, and after the last heal.
 * Each sample is one request over a connection of its own.
 */
export interface ProbeEvent extends At<'probe'> {
  when: 'before' | 'after';
  /** `unanswered`: the probe did not wait any longer; the error is then its own doing. */
  samples: { operation: 'PutObject' | 'GetObject' | 'DeleteObject'; ms: number; error?: string; unanswered?: true }[];
  /** What of a fault is still in force: rules of the gateway, toxics, DNS faults and others, by their names. */
  inForce: string[];
  /** Whether an attempt id reached S3, which the gateway has to keep from it. Absent: it was not asked, or S3 gave no answer that tells. */
  idReachedS3?: boolean;
}

/** What was run: enough to judge it again, and to run it again. Carries no secret. */
export interface ScenarioEvent extends At<'scenario'> {
  format: 1;
  tool: string;
  name: string;
  client: string;
  seed: number;
  environment: string;
  /** The scenario as read, durations in milliseconds of the config's time, sizes in bytes of the config. */
  scenario: unknown;
  compression: { time: number; bytes: number };
  /** The settings as the writer got them (compressed). */
  settings: unknown;
  /** The command line that runs this one alone, with the same seed. */
  command: string;
}

export interface FaultStartEvent extends At<'fault.start'> {
  /** Unique in the scenario: `1-latency`. */
  id: string;
  fault: string;
  /** Parameters as injected (compressed). */
  with: unknown;
}

/** What a fault counted and measured at the place where it acted. */
export interface FaultEndEvent extends At<'fault.end'> {
  id: string;
  fault: string;
  /**
   * How many times it acted. 0: it never took effect, and the scenario is inconclusive. `null`: it cannot be counted where it
   * acts, and is counted by its effect (`Effect.acted`).
   */
  fired: number | null;
  /** What `fired` counts: `requests`, `queries`. */
  unit: string;
  healed: boolean;
  /** When its healing began: until then it was in force whole. `t` is when it was over. */
  until: number;
  /** More that was measured, for the report. */
  evidence?: Record<string, number | string>;
  error?: string;
}

/** How late one process of the harness was, over the interval that ended at `t`. */
export interface LatenessEvent extends At<'lateness'> {
  process: string;
  /** Of a process that tells it once for each of its writers: of this one. */
  writer?: string;
  /** The process's number, and the bytes of memory that it holds (resident). */
  pid?: number;
  memory?: number;
  /** The longest time that the event loop was blocked, milliseconds. */
  maxMs: number;
  /** All the time that it was blocked. */
  totalMs: number;
  /** The 99th percentile of the event loop's delay since the process was first asked: of all intervals so far, not of this one. */
  p99Ms?: number;
  intervalMs: number;
}

/** One object found by the final read: straight from MinIO, past all faults. */
export interface FinalObjectEvent extends At<'final.object'> {
  key: string;
  size: number;
  sha256: string;
  /** What MinIO says of when it was written, ISO 8601. */
  lastModified: string;
}

/** A multipart upload that was left behind. */
export interface FinalUploadEvent extends At<'final.upload'> {
  key: string;
  uploadId: string;
  parts: number;
  bytes: number;
}

/** One object of a block that is still on the writer's local disk. */
export interface FinalLocalEvent extends At<'final.local'> {
  writer: string;
  block: string;
  name: string;
  size: number;
  sha256: string;
}

/** What is still in the WAL of the writer's local disk of one block: it waits to be completed. */
export interface FinalWalEvent extends At<'final.wal'> {
  writer: string;
  block: string;
  /** In closed pages. */
  bytes: number;
}

/** The final read was completed. Without it, nothing may be said about what is in the bucket. */
export interface FinalReadEvent extends At<'final.read'> {
  objects: number;
  bytes: number;
}

/** Something of the harness broke: the scenario cannot be judged. */
export interface HarnessErrorEvent extends At<'harness.error'> {
  where: string;
  message: string;
}

/** The lease could not be released as it was taken: something is left behind. */
export interface ReleaseErrorEvent extends At<'release.error'> {
  message: string;
}

/** The writer process is gone or failed in a way that is not part of the scenario. */
export interface WriterErrorEvent extends At<'writer.error'> {
  writer: string;
  message: string;
}

export type HistoryEvent =
  | ScenarioEvent
  | PhaseEvent
  | AttemptEvent
  | EdgeEvent
  | PollEvent
  | WireEvent
  | TlsHandshakeEvent
  | DnsQueryEvent
  | DiskEvent
  | WriterProcessEvent
  | WriterStartFailedEvent
  | ServerEvent
  | ProbeEvent
  | PushEvent
  | WalPageEvent
  | CompleteStartEvent
  | CompleteEvent
  | BlockClearedEvent
  | BackgroundEvent
  | CompactionEvent
  | BlockCutEvent
  | FlushStartEvent
  | FlushEndEvent
  | BlockDroppedEvent
  | DataLostEvent
  | FaultStartEvent
  | FaultEndEvent
  | LatenessEvent
  | FinalObjectEvent
  | FinalUploadEvent
  | FinalLocalEvent
  | FinalWalEvent
  | FinalReadEvent
  | HarnessErrorEvent
  | ReleaseErrorEvent
  | WriterErrorEvent;

/** Takes one event of the history. */
export type Recorder = (event: HistoryEvent) => void;
