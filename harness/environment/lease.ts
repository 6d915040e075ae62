/**
 * A lease: one scenario's own path to S3 (a DNS name, a Toxiproxy proxy, a gateway route, a bucket), isolated from those of
 * the scenarios beside it.
 */
import { join } from 'node:path';
import type { Dns, DnsName } from '../dns/dns.ts';
import { dnsZone } from '../dns/protocol.ts';
import type { Gateway, Route } from '../gateway/gateway.ts';
import { createBucket, deleteBucket } from '../object-store/bucket.ts';
import type { Credentials, StartedEnvironment } from './environment.ts';
import { LeaseProxy } from './proxy.ts';

/** The machine's parts that leases are cut from. */
export interface PathParts {
  environment: StartedEnvironment;
  gateway: Gateway;
  dns: Dns;
}

export interface Lease {
  readonly name: string;
  readonly bucket: string;
  /** Where a client sends its requests: a host that only the DNS server knows. */
  readonly endpoint: { host: string; port: number };
  readonly dnsServer: { host: string; port: number };
  readonly credentials: Credentials;
  /** MinIO itself, past all faults: for the final read. */
  readonly direct: { host: string; port: number };
  readonly proxy: LeaseProxy;
  readonly edge: Route;
  readonly dns: DnsName;
  /** Closes the path: from here on the parts of the history that it writes are whole. @throws AggregateError with every failure. */
  closePath(): Promise<void>;
  /** Closes the path if it is open, and deletes the bucket with all that is in it. @throws AggregateError with every failure. */
  release(): Promise<void>;
}

/**
 * Takes a lease. `name` has to be unique in the run, 3 to 40 characters of a-z, 0-9 and hyphens: it names the bucket, the proxy,
 * the route and the DNS name. `partsFolder` is where the path writes its parts of the history.
 * On failure, what was already opened is closed again.
 */
export async function takeLease(parts: PathParts, name: string, partsFolder: string, region: string): Promise<Lease> {
  const { environment, gateway, dns } = parts;
  const { minio, toxiproxy } = environment;
  const s3 = { host: minio.host, port: minio.port, credentials: minio.credentials, bucket: name, region };
  /** What undoes each step taken, the last one first. */
  const pathSteps: (() => Promise<unknown>)[] = [];
  const undo = async (steps: (() => Promise<unknown>)[]) => {
    const failures: unknown[] = [];
    for (const step of steps.splice(0).reverse()) await step().catch((error) => failures.push(error));
    if (failures.length > 0) {
      throw new AggregateError(
        failures,
        `lease ${name} was not released: ${failures.map((error) => (error as Error).message).join('; ')}`,
      );
    }
  };
  const bucketSteps: (() => Promise<unknown>)[] = [];

  try {
    await createBucket(s3);
    bucketSteps.push(() => deleteBucket(s3));
    const edge = await gateway.openRoute({
      route: name,
      upstream: minio,
      historyFile: join(partsFolder, 'gateway.ndjson'),
    });
    pathSteps.push(() => edge.close());
    const proxy = await LeaseProxy.open(toxiproxy, name, edge);
    pathSteps.push(() => proxy.close());
    const dnsName = await dns.addName({
      name: `${name}.${dnsZone}`,
      addresses: [proxy.host],
      ttlSeconds: 5,
      historyFile: join(partsFolder, 'dns.ndjson'),
    });
    pathSteps.push(() => dnsName.remove());
    return {
      name,
      bucket: name,
      endpoint: { host: dnsName.name, port: proxy.port },
      dnsServer: { host: dns.host, port: dns.port },
      credentials: minio.credentials,
      direct: { host: minio.host, port: minio.port },
      proxy,
      edge,
      dns: dnsName,
      closePath: () => undo(pathSteps),
      release: () => undo([...bucketSteps.splice(0), ...pathSteps.splice(0)]),
    };
  } catch (error) {
    await undo([...bucketSteps, ...pathSteps]).catch(() => {});
    throw error;
  }
}
