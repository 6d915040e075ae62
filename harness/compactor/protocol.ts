/** How the harness tells a process to run compactors, and what that tells back: over Node's IPC, as JSON. */
import type { WriterAssignment } from '../subject/protocol.ts';

/** Everything that a compactor has to know; see `WriterAssignment` for what they have in common. */
export interface CompactorAssignment
  extends Pick<WriterAssignment, 'client' | 'seed' | 'settings' | 's3' | 'historyFile'> {
  /** `compactor-0`: unique in the run, also among the writers. */
  compactor: string;
  /** It is the `index`th (from 0 on) of so many, which share the jobs. */
  share: { index: number; of: number };
  tenants: string[];
}

export type ToCompactor =
  | { type: 'compact'; assignment: CompactorAssignment }
  /**
   * Stop all compactors of the process, whose jobs under way have `patience` milliseconds to end; close their history parts; then answer
   * `stopped`.
   */
  | { type: 'stop'; patience: number };

export type FromCompactor =
  /** The process is up and idle. */
  | { type: 'ready' }
  /** The first poll of the blocks is over. */
  | { type: 'started'; compactor: string }
  /** A job is over, well or not: the key of the data that it wrote, or was to write. */
  | { type: 'compacted'; compactor: string; dataKey: string }
  /** It cannot go on: S3 cannot be reached at start, or its history cannot be written. */
  | { type: 'failed'; compactor: string; message: string }
  | { type: 'stopped' };
