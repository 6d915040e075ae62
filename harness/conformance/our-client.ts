/** Our client: Tempo's policy over one of the two SDKs, as a writer has it. */
import { readFileSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import { goResolver } from '../dns/go-resolver.ts';
import type { Credentials } from '../environment/environment.ts';
import type { ClientName } from '../object-store/clients.ts';
import { tempoStoreOptions } from '../object-store/create-object-store.ts';
import { MemoryBody } from '../object-store/memory-body.ts';
import { DeadlineExceeded, type ObjectStore } from '../object-store/object-store.ts';
import { type Body, NamelessUpload, S3Error, TransportError } from '../object-store/s3-operations.ts';
import { type TempoObjectStoreOptions, tempoObjectStore } from '../object-store/tempo-object-store.ts';
import { Random } from '../random.ts';
import { tempoDefaults } from '../tempo/defaults.ts';
import { resolvConf } from './resolv-conf.ts';
import type { Backoff, Ended, Way } from './way.ts';

export interface OurClientOptions {
  credentials: Credentials;
  region: string;
  backoff: Backoff;
  seed: number;
  clock: Clock;
  /** Absent: the SDK's. */
  name?: string;
  /** For tests of the comparison: makes a store that does not do what it should. */
  plant?: (options: TempoObjectStoreOptions) => ObjectStore;
}

export function ourClient(client: ClientName, options: OurClientOptions): Way {
  const { name = client, credentials, region, backoff, seed, clock, plant = tempoObjectStore } = options;
  const { servers, attempts: dnsAttempts } = resolvConf(ownResolvConf());
  return {
    name,
    backoff,
    async put({ id, endpoint, ca, dns, bucket, key, size, partSize, deadline, timeouts }) {
      const { host, port, secure } = endpoint;
      const { s3, policy, ...settings } = tempoDefaults();
      const store = plant(
        await tempoStoreOptions({
          client,
          settings: {
            ...settings,
            s3: { ...s3, bucket, region, partSize, insecure: !secure, forcePathStyle: true },
            policy: {
              ...{ ...policy, ...backoff },
              dialTimeout: timeouts.dial,
              tlsHandshakeTimeout: timeouts.tlsHandshake,
              responseHeaderTimeout: timeouts.responseHeader,
              idleConnectionTimeout: timeouts.idleConnection,
            },
          },
          s3: { host, port, credentials, ...(ca !== undefined && { ca }) },
          resolver: goResolver({
            servers: Array.from({ length: servers }, () => dns),
            attempts: dnsAttempts,
            timeoutMs: timeouts.dns,
            clock,
          }),
          clock,
          random: new Random(seed),
          record: () => {},
          writer: id,
        }),
      );
      const stop = new AbortController();
      const cancel =
        deadline === undefined ? () => {} : clock.after(deadline, () => stop.abort(new DeadlineExceeded(deadline)));
      try {
        await store.putObject(key, zeros(size), stop.signal);
        return { kind: 'ok' };
      } catch (error) {
        return endedBy(error as Error);
      } finally {
        cancel();
        store.close();
      }
    },
    async [Symbol.asyncDispose]() {},
  };
}

function endedBy(error: Error): Ended {
  if (error instanceof S3Error) {
    const { status, code, serverMessage: message } = error;
    return { kind: 's3', status, message, ...(code !== undefined && { code }) };
  }
  const { message } = error;
  if (!(error instanceof TransportError)) return { kind: 'client', message };
  if (error instanceof NamelessUpload) return { kind: 'client', message: message.slice(message.indexOf(': ') + 2) };
  if (error.failure === 'deadline') return { kind: 'deadline', message };
  return { kind: 'transport', failure: error.failure, message };
}

function ownResolvConf(): string | undefined {
  try {
    return readFileSync('/etc/resolv.conf', 'utf8');
  } catch {
    return undefined;
  }
}

/** What each part of a body is signed with, once for all programs: their bodies are alike, and hashing takes the time of the others. */
const hashes = new Map<number, Promise<string>>();
let allZeros = Buffer.alloc(0);

function zeros(size: number): Body {
  if (allZeros.length < size) allZeros = Buffer.alloc(size);
  return hashedOnce(new MemoryBody(allZeros.subarray(0, size)));
}

function hashedOnce(body: Body): Body {
  return {
    size: body.size,
    open: () => body.open(),
    slice: (start, end) => hashedOnce(body.slice(start, end)),
    sha256() {
      const hash = hashes.get(body.size) ?? body.sha256();
      hashes.set(body.size, hash);
      return hash;
    },
  };
}
