/** What the harness and the process of the background load say to each other, over IPC. */
import type { ClientName } from '../object-store/clients.ts';
import type { WriterAssignment } from '../subject/protocol.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import type { TrafficPlan } from './traffic.ts';

export interface BackgroundAssignment {
  client: ClientName;
  seed: number;
  /** Compressed, and with the lease's bucket and prefix. */
  settings: TempoSettings;
  s3: WriterAssignment['s3'];
  plan: TrafficPlan;
  historyFile: string;
}

export type ToBackground =
  | { type: 'begin'; assignment: BackgroundAssignment }
  /** Send nothing more, delete what was written, close the history part; then answer `stopped`. */
  | { type: 'stop' };

export type FromBackground =
  /** The process is up and idle. */
  | { type: 'ready' }
  | { type: 'stopped' }
  /** It cannot go on: the SDK cannot be loaded, or its part of the history cannot be written. */
  | { type: 'failed'; message: string };
