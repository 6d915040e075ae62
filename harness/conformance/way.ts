/** One of the clients that are compared: it puts an object as it is told, and says how that ended. */
import type { Program, Timeouts } from './program.ts';

/** The bounds of the waits between attempts, milliseconds. */
export interface Backoff {
  backoffUnit: number;
  backoffCap: number;
}

/** minio-go's, as Tempo has them. */
export const realBackoff: Backoff = { backoffUnit: 200, backoffCap: 1000 };
/** Divided by four: what is counted and put in order is the same. */
export const shortBackoff: Backoff = { backoffUnit: 50, backoffCap: 250 };

/** Tempo's (tempodb/backend/s3, minio-go's transport, Go's resolver), milliseconds. */
const tempoTimeouts: Timeouts = {
  dial: 30_000,
  tlsHandshake: 10_000,
  responseHeader: 60_000,
  idleConnection: 60_000,
  dns: 5000,
};

export interface Job {
  id: string;
  endpoint: { host: string; port: number; secure: boolean };
  /** PEM; absent: no authority is known. */
  ca?: string;
  dns: { host: string; port: number };
  bucket: string;
  key: string;
  size: number;
  partSize: number;
  /** Milliseconds; absent: there is none. */
  deadline?: number;
  timeouts: Timeouts;
}

/** How a job ended. */
export interface Ended {
  /** `s3`: S3 said no. `transport`: there was no whole answer. `client`: the client did not like what it got, or was to send. */
  kind: 'ok' | 'deadline' | 's3' | 'transport' | 'client';
  /** Of `s3`. */
  status?: number;
  code?: string;
  /** In the client's own words; of `s3`, the server's. */
  message?: string;
  /** Of `transport`: what went wrong. */
  failure?: string;
}

export interface Way extends AsyncDisposable {
  readonly name: string;
  readonly backoff: Backoff;
  /** @throws Error when the client itself broke. */
  put(job: Job): Promise<Ended>;
}

export function jobTimeouts({ divided }: Program): Timeouts {
  const timeouts = { ...tempoTimeouts };
  for (const [name, by] of Object.entries(divided)) timeouts[name as keyof Timeouts] /= by;
  return timeouts;
}
