/**
 * What the harness and a subject (the process that a block writer runs in) say to each other, over IPC. What happens inside
 * is told by the history part that the subject writes; messages are only what the harness has to act on at once.
 */
import type { ClientName } from '../object-store/clients.ts';
import type { TempoSettings } from '../tempo/settings.ts';

export interface WriterAssignment {
  writer: string;
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
    dns: { host: string; port: number };
  };
  load: {
    /** Bytes of block data taken in each second, and how many blocks are cut in all. Compressed. */
    bytesPerSecond: number;
    blocks: number;
    /** Wait this long before taking data in, milliseconds. */
    startAfter: number;
  };
  /** An existing, empty folder for the writer's WAL and local blocks. */
  disk: string;
  historyFile: string;
}

export type ToSubject =
  | { type: 'write'; assignment: WriterAssignment }
  /** Stop taking data in and stop flushing; leave what is on disk; close the history part; then answer `stopped`. */
  | { type: 'stop'; writer: string };

export type FromSubject =
  /** The process is up and idle. */
  | { type: 'ready' }
  /** The writer takes data in. */
  | { type: 'started'; writer: string }
  | { type: 'cut'; writer: string; block: string }
  /** `meta.json` of the block is acknowledged by S3. */
  | { type: 'flushed'; writer: string; block: string }
  | { type: 'flush-failed'; writer: string; block: string; error: string; deadlineExceeded: boolean }
  | { type: 'dropped'; writer: string; block: string }
  /** All blocks are cut, and none waits for a flush. */
  | { type: 'done'; writer: string }
  | { type: 'stopped'; writer: string }
  /** It cannot go on: S3 cannot be reached at start, or its disk cannot be written. */
  | { type: 'failed'; writer: string; message: string };
