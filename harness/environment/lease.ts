/**
 * A lease: one scenario's own path to S3 (a DNS name, a Toxiproxy proxy, a gateway route, a bucket), isolated from those of
 * the scenarios beside it.
 */
import { join } from 'node:path';
import type { Dns, DnsName } from '../dns/dns.ts';
import { bucketZone, domainOf } from '../dns/protocol.ts';
import type { Gateway, Route } from '../gateway/gateway.ts';
import { createBucket, deleteBucket } from '../object-store/bucket.ts';
import { type CertificateAuthority, namesOf } from '../tls/certificate-authority.ts';
import type { Credentials, OwnServer, StartedEnvironment } from './environment.ts';
import { type Neighbours, openNeighbours } from './neighbours.ts';
import { LeaseProxy } from './proxy.ts';

/** The machine's parts that leases are cut from. */
export interface PathParts {
  environment: StartedEnvironment;
  gateway: Gateway;
  dns: Dns;
  /** The run's own, made when it is first asked for. */
  authority(): Promise<CertificateAuthority>;
}

/** What kind of a path is wanted. */
export interface LeaseRequest {
  /** Unique in the run, 3 to 40 characters of a-z, 0-9 and hyphens: it names the bucket, the proxy, the route and the DNS name. */
  name: string;
  /** Absent: of the lease's name. */
  bucket?: string;
  /** Where the path writes its parts of the history. */
  partsFolder: string;
  region: string;
  /** TLS from the client to the gateway. */
  secure: boolean;
  /** The bucket is in the name of the host, and not in the path. */
  virtualHost?: boolean;
  /** A MinIO of its own, for faults of the server itself; `limitedDisk`: one whose data disk can be filled. */
  ownServer?: { limitedDisk: boolean };
}

export interface Lease {
  readonly name: string;
  readonly bucket: string;
  /** Where a client sends its requests: a host that only the DNS server knows. */
  readonly endpoint: { host: string; port: number; secure: boolean };
  /** Whether clients have to put the bucket into the path; otherwise its name goes in front of the endpoint's. */
  readonly pathStyle: boolean;
  /** Signs for the lease's names, and whatever else a fault wants to be shown. Absent without TLS. */
  readonly authority?: CertificateAuthority;
  /** Absent: the lease shares its MinIO with others. */
  readonly server?: OwnServer;
  /** Other addresses of loopback, with the endpoint's port, at which something else answers, or nothing. */
  readonly neighbours: Neighbours;
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

/** Takes a lease. On failure, what was already opened is closed again. */
export async function takeLease(parts: PathParts, request: LeaseRequest): Promise<Lease> {
  const { environment, gateway, dns } = parts;
  const { name, bucket = name, partsFolder, region, secure, virtualHost = false, ownServer } = request;
  const { toxiproxy } = environment;
  /** What undoes each step taken, the last one first. */
  const pathSteps: (() => Promise<unknown>)[] = [];
  const bucketSteps: (() => Promise<unknown>)[] = [];
  const serverSteps: (() => Promise<unknown>)[] = [];
  const undo = async (...all: (() => Promise<unknown>)[][]) => {
    const failures: unknown[] = [];
    for (const steps of all) {
      for (const step of steps.splice(0).reverse()) await step().catch((error) => failures.push(error));
    }
    if (failures.length > 0) {
      throw new AggregateError(
        failures,
        `lease ${name} was not released: ${failures.map((error) => (error as Error).message).join('; ')}`,
      );
    }
  };

  try {
    const server = ownServer && (await environment.startServer(name, ownServer));
    if (server) serverSteps.push(async () => server[Symbol.asyncDispose]());
    const { host, port, credentials } = server ?? environment.minio;
    const s3 = { host, port, credentials, bucket, region };
    await createBucket(s3);
    // A server of the lease's own takes its buckets with it.
    if (!server) bucketSteps.push(() => deleteBucket(s3));
    const domain = virtualHost ? bucketZone : domainOf(name);
    const authority = secure ? await parts.authority() : undefined;
    const tls = await authority?.issue(namesOf(domain));
    const edge = await gateway.openRoute({
      route: name,
      upstream: { host, port },
      domain,
      ...(tls && { tls }),
      historyFile: join(partsFolder, 'gateway.ndjson'),
    });
    pathSteps.push(() => edge.close());
    const proxy = await LeaseProxy.open(toxiproxy, name, edge);
    pathSteps.push(() => proxy.close());
    const dnsName = await dns.addName({
      name: virtualHost ? `${bucket}.${domain}` : domain,
      addresses: [proxy.host],
      ttlSeconds: 5,
      historyFile: join(partsFolder, 'dns.ndjson'),
    });
    pathSteps.push(() => dnsName.remove());
    const neighbours = openNeighbours(parts, { name, port: proxy.port, domain, partsFolder, ...(tls && { tls }) });
    pathSteps.push(() => neighbours.close());
    return {
      name,
      bucket,
      endpoint: { host: domain, port: proxy.port, secure },
      pathStyle: !virtualHost,
      dnsServer: { host: dns.host, port: dns.port },
      credentials,
      direct: { host, port },
      proxy,
      edge,
      dns: dnsName,
      neighbours,
      ...(authority && { authority }),
      ...(server && { server }),
      closePath: () => undo(pathSteps),
      release: () => undo(pathSteps, bucketSteps, serverSteps),
    };
  } catch (error) {
    await undo(pathSteps, bucketSteps, serverSteps).catch(() => {});
    throw error;
  }
}
