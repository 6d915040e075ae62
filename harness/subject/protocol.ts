/**
 * What the harness and a subject (the process that a block writer runs in) say to each other, over IPC. What happens inside
 * is told by the history part that the subject writes; messages are only what the harness has to act on at once.
 */
import type { ClientName } from '../object-store/clients.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import type { DiskFault, DiskFaultEvidence } from './writer-machine.ts';

export interface WriterAssignment {
  writer: string;
  /** How many times it was started, this one included: 1 at first. Absent: 1. */
  incarnation?: number;
  client: ClientName;
  seed: number;
  /** Compressed, and with the lease's bucket and prefix. */
  settings: TempoSettings;
  tenant: string;
  s3: {
    /** A name that only `dns` knows. */
    host: string;
    port: number;
    /** No secrets: they come here, over IPC, and go into no file. */
    credentials: { accessKeyId: string; secretAccessKey: string };
    /** `ttlSecond`: milliseconds that one second of a time to live lasts, which DNS has in whole seconds of the config's time; 1000 if absent. */
    dns: { host: string; port: number; ttlSecond?: number };
    /** The certificate authority (PEM) that the path's certificate is signed by. Absent: plain HTTP. */
    ca?: string;
  };
  load: {
    /** Bytes of trace data sent to it each second, and how many blocks are cut in all. Compressed. */
    bytesPerSecond: number;
    /** Milliseconds from a trace's first span to its last. Absent: 0. */
    traceLength?: number;
    /** Tempo's ingestion limits, as one writer's share: what is beyond is refused. Absent: all is taken in. */
    limits?: { bytesPerSecond: number; burstBytes: number; liveTraces: number };
    blocks: number;
    /** How many of them were begun by the processes before. Absent: none. */
    begun?: number;
    /** Wait this long before taking data in, milliseconds. */
    startAfter: number;
    /** Blooms are as large as Tempo's, however small compression makes the block. Absent: in a small block a tenth of its data. */
    wholeBlooms?: boolean;
  };
  /** An existing folder for the writer's WAL and local blocks: empty, or with what a process before has left there. */
  disk: string;
  historyFile: string;
}

export type ToSubject =
  /** Load an SDK, so that writers on it start at once later; then answer `loaded`. */
  | { type: 'load'; client: ClientName }
  | { type: 'write'; assignment: WriterAssignment }
  /** Stop taking data in and stop flushing; leave what is on disk; close the history part; then answer `stopped`. */
  | { type: 'stop'; writer: string }
  /**
   * Stop as Tempo does when it is asked to: take nothing more in, cut the live traces to the WAL, and, with `flushAllOnShutdown`, flush
   * all for as long as `patience` milliseconds; then as `stop`, and answer `stopped`.
   */
  | { type: 'shut-down'; writer: string; patience: number }
  /** For the disks of all writers of the process, those to come too. `call` comes back with the answer. */
  | { type: 'disk-fault'; call: number; request: DiskFaultRequest };

export type DiskFaultRequest =
  | { action: 'add'; fault: DiskFault }
  | { action: 'evidence' | 'remove'; rule: string }
  | { action: 'list' };

export type FromSubject =
  /** The process is up and idle. */
  | { type: 'ready' }
  | { type: 'loaded'; client: ClientName }
  /** The writer takes data in. What it found on its disk: counted, and the local blocks among it. */
  | { type: 'started'; writer: string; found: Record<string, number>; blocks: string[] }
  | { type: 'cut'; writer: string; block: string }
  /** `meta.json` of the block is acknowledged by S3. */
  | { type: 'flushed'; writer: string; block: string }
  | { type: 'flush-failed'; writer: string; block: string; error: string; deadlineExceeded: boolean }
  | { type: 'dropped'; writer: string; block: string }
  /** All blocks are cut, and none waits for a flush. */
  | { type: 'done'; writer: string }
  | { type: 'stopped'; writer: string }
  /** Of `add` nothing but that it is in force; `error`: it could not be done. */
  | { type: 'disk-fault'; call: number; evidence?: DiskFaultEvidence; rules?: string[]; error?: string }
  /** Started again, it could not start: S3 refused or did not answer what it asks first. It is to be stopped, and may be started anew. */
  | { type: 'start-failed'; writer: string; message: string }
  /** It cannot go on: S3 cannot be reached at its first start, or its disk cannot be written. */
  | { type: 'failed'; writer: string; message: string };
