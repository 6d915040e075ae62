/**
 * The path, up until it is told to end:
 *
 * 1. Start the environment, the gateway and the DNS server, and lease a path with an S3 server of its own.
 * 2. Serve the control API, and leave word of it where `inject`, `heal` and `status` look.
 * 3. Wait until the signal is given, or a part of it ends without having been asked to.
 * 4. Take down in the opposite order: nobody finds it, nothing more is injected, what is in force is healed, the rest ends.
 */
import { randomBytes } from 'node:crypto';
import { symlink, writeFile } from 'node:fs/promises';
import { devNull } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import type { Lease } from '../environment/lease.ts';
import { Harness } from '../scenario/harness.ts';
import { serveUp } from './control.ts';
import { type FaultObserver, FaultsInForce } from './faults-in-force.ts';
import type { PathReport } from './protocol.ts';
import { newId, removeState, stateFile, writeState } from './state-file.ts';

/** MinIO takes signatures for any region, and clients have to name one. */
const REGION = 'us-east-1';

export interface UpOptions {
  environment: 'auto' | 'native' | 'docker';
  /** TLS from the client to the gateway. */
  secure: boolean;
  /** The server's data disk can be filled, and is a small one. */
  limitedDisk: boolean;
  /** Absent: named after the `up`. */
  bucket?: string;
}

/** Where the control API is, for clients that are not this tool. */
export interface ControlAddress {
  url: string;
  token: string;
  /** Where both are left for `inject`, `heal` and `status`. */
  file: string;
}

/** What `up` tells its user. */
export interface UpObserver extends FaultObserver {
  preparing(line: string): void;
  up(path: PathReport, control: ControlAddress): void;
}

/**
 * Resolves when it is over and everything is down again: with what died, if that ended it, else because the signal was given.
 * @throws EnvironmentError when it could not come up; the signal's reason when that was given before it was up; AggregateError when
 *   something could not be healed or taken down.
 */
export async function bringUp(
  options: UpOptions,
  clock: Clock,
  observer: UpObserver,
  signal: AbortSignal,
): Promise<{ died?: string }> {
  /** What undoes each step taken, the last one first. */
  const down: (() => unknown)[] = [];
  let ended: { died?: string };
  try {
    ended = await untilItEnds(options, clock, observer, signal, down);
  } catch (error) {
    // The first error is the one to tell.
    await takeDown(down).catch(() => {});
    throw error;
  }
  // Of what has died nothing can be healed or released: what else goes wrong then follows from that.
  await takeDown(down).catch((error) => {
    if (ended.died === undefined) throw error;
  });
  return ended;
}

async function untilItEnds(
  { environment, secure, limitedDisk, bucket }: UpOptions,
  clock: Clock,
  observer: UpObserver,
  signal: AbortSignal,
  down: (() => unknown)[],
): Promise<{ died?: string }> {
  const id = newId();
  const progress = (line: string) => observer.preparing(line);
  const harness = await Harness.start(environment, { progress, clock, subjects: 0, signal });
  down.push(() => harness[Symbol.asyncDispose]());
  progress('opening a path with an S3 server of its own');
  const folder = await harness.newFolder(`up-${id}`);
  // Nobody judges what happens here, and it may go on for days.
  for (const part of ['gateway.ndjson', 'dns.ndjson']) await symlink(devNull, join(folder, part));
  const lease = await harness.lease({
    name: `up-${id}`,
    ...(bucket !== undefined && { bucket }),
    partsFolder: folder,
    region: REGION,
    secure,
    ownServer: { limitedDisk },
  });
  down.push(() => lease.release());
  const caFile = lease.authority ? join(folder, 'ca.pem') : null;
  if (caFile !== null && lease.authority) await writeFile(caFile, lease.authority.certificate);
  signal.throwIfAborted();

  const path = reportOf(lease, id, clock.date(), harness.environment.name, caFile);
  const faults = new FaultsInForce(lease, clock, observer);
  down.push(() => faults.close());
  const token = randomBytes(24).toString('base64url');
  const control = await serveUp(token, path, faults);
  down.push(() => control.close());
  down.push(() => removeState(id));
  writeState(id, { port: control.port, token });
  observer.up(path, { url: `http://127.0.0.1:${control.port}`, token, file: stateFile(id) });

  const died = await Promise.race([
    harness.died,
    ...(lease.server ? [lease.server.died] : []),
    new Promise<undefined>((resolve) => {
      signal.addEventListener('abort', () => resolve(undefined), { once: true });
      if (signal.aborted) resolve(undefined);
    }),
  ]);
  return died === undefined ? {} : { died };
}

/** @throws AggregateError with every failure. */
async function takeDown(steps: (() => unknown)[]): Promise<void> {
  const failures: Error[] = [];
  for (const step of steps.reverse()) {
    try {
      await step();
    } catch (error) {
      failures.push(error as Error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('; '));
}

function reportOf(
  { bucket, endpoint, proxy, dnsServer, credentials }: Lease,
  id: string,
  upSince: Date,
  environment: PathReport['environment'],
  caFile: string | null,
): PathReport {
  const { host, port, secure } = endpoint;
  const scheme = secure ? 'https' : 'http';
  return {
    format: 1,
    id,
    upSince: upSince.toISOString(),
    environment,
    endpoint: { url: `${scheme}://${host}:${port}`, host, port, secure },
    byAddress: { url: `${scheme}://${proxy.host}:${port}`, host: proxy.host, port },
    dnsServer: { ...dnsServer },
    bucket,
    region: REGION,
    credentials: { ...credentials },
    caFile,
  };
}
