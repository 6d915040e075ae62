import { HeadBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dns } from '../dns/dns.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createBucket, deleteBucket, directClient } from '../object-store/bucket.ts';
import type { OwnServer, StartedEnvironment } from './environment.ts';
import { exampleEnvironment } from './example-environment.ts';
import { type LeaseRequest, type PathParts, takeLease } from './lease.ts';

const REGION = 'us-west-2';

let environment: StartedEnvironment;
let close: () => Promise<void>;
let parts: PathParts;
/** What was asked of the gateway and the DNS server, with the proxies and the bucket that there were then. */
let asked: string[];
let routes: Parameters<Gateway['openRoute']>[0][];
/** What they refuse. */
let refused: Set<string>;
let name: string;
/** What the DNS server is expected to be told. */
let named: string;
let count = 0;

beforeAll(async () => {
  ({ environment, close } = await exampleEnvironment());
});
afterAll(async () => {
  await close?.();
});

beforeEach(() => {
  name = `lease-${++count}`;
  named = `${name}.s3.chaos.test`;
  asked = [];
  routes = [];
  refused = new Set();
  const ask = async (what: string) => {
    asked.push(`${what}${(await proxyExists()) ? ', proxy' : ''}${(await bucketExists()) ? ', bucket' : ''}`);
    if (refused.has(what)) throw new Error(`${what}: refused`);
  };
  const gateway = {
    async openRoute(request: Parameters<Gateway['openRoute']>[0]) {
      routes.push(request);
      await ask('open route');
      return { host: '127.0.0.1', port: 1, close: () => ask('close route') };
    },
  } as unknown as Gateway;
  const dns = {
    host: '127.0.0.1',
    port: 53,
    async addName(request: Parameters<Dns['addName']>[0]) {
      expect(request).toEqual({
        name: named,
        addresses: ['127.0.0.1'],
        ttlSeconds: 5,
        historyFile: '/parts/dns.ndjson',
      });
      await ask('add name');
      return { name: request.name, remove: () => ask('remove name') };
    },
  } as unknown as Dns;
  const authority = async () => {
    asked.push('authority');
    return {
      certificate: "the authority's",
      async issue(names: readonly string[]) {
        if (refused.has('issue')) throw new Error('issue: refused');
        return { cert: names.join(' '), key: 'the key' };
      },
    };
  };
  parts = { environment, gateway, dns, authority };
});

const s3 = () => ({ ...environment.minio, bucket: name, region: REGION });
const take = (request: Partial<LeaseRequest> = {}) =>
  takeLease(parts, { name, partsFolder: '/parts', region: REGION, secure: false, ...request });

async function proxyExists(): Promise<boolean> {
  const { host, port } = environment.toxiproxy;
  const response = await fetch(`http://${host}:${port}/proxies/${name}`);
  await response.text();
  return response.ok;
}

async function bucketExists(): Promise<boolean> {
  const client = directClient(s3());
  try {
    await client.send(new HeadBucketCommand({ Bucket: name }));
    return true;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return false;
    throw error;
  } finally {
    client.destroy();
  }
}

const remains = async () => [await proxyExists(), await bucketExists()];

async function failure(work: Promise<unknown>): Promise<AggregateError> {
  return work.then(
    () => {
      throw new Error('it went well');
    },
    (error) => error,
  );
}

describe('a lease', () => {
  it('opens the path from its end to its beginning, and is released the other way round', async () => {
    const lease = await take();
    expect(lease).toMatchObject({
      name,
      bucket: name,
      endpoint: { host: `${name}.s3.chaos.test`, port: lease.proxy.port, secure: false },
      credentials: environment.minio.credentials,
      dnsServer: { host: '127.0.0.1', port: 53 },
      direct: { host: environment.minio.host, port: environment.minio.port },
    });
    expect(lease).not.toHaveProperty('authority');
    expect(lease).not.toHaveProperty('server');
    const { host, port } = environment.minio;
    const domain = lease.endpoint.host;
    expect(routes).toEqual([{ route: name, upstream: { host, port }, domain, historyFile: '/parts/gateway.ndjson' }]);
    const client = directClient(s3());
    await client.send(new PutObjectCommand({ Bucket: name, Key: 'chaos/one', Body: 'x' }));
    client.destroy();
    await lease.release();
    expect(asked).toEqual([
      'open route, bucket',
      'add name, proxy, bucket',
      'remove name, proxy, bucket',
      'close route, bucket',
    ]);
    expect(await remains()).toEqual([false, false]);
  });

  it('can have its path closed before, and is released once', async () => {
    const lease = await take();
    await lease.closePath();
    expect(await remains()).toEqual([false, true]);
    const closed = asked.length;
    await lease.closePath();
    await lease.release();
    await lease.release();
    expect(asked).toHaveLength(closed);
    expect(await remains()).toEqual([false, false]);
  });
});

describe('a lease for virtual-host addressing', () => {
  it('has its bucket in the name that resolves, below the zone that MinIO takes buckets from', async () => {
    named = `${name}.buckets.s3.chaos.test`;
    const lease = await take({ virtualHost: true });
    expect(lease).toMatchObject({ bucket: name, endpoint: { host: 'buckets.s3.chaos.test' }, pathStyle: false });
    expect(routes).toMatchObject([{ domain: 'buckets.s3.chaos.test' }]);
    await lease.release();
    expect(await remains()).toEqual([false, false]);
  });
});

describe('a lease with TLS', () => {
  it('shows a certificate for its name, its buckets and loopback, and hands out who signed it', async () => {
    const lease = await take({ secure: true });
    expect(lease.endpoint.secure).toBe(true);
    expect(lease.authority?.certificate).toBe("the authority's");
    const domain = `${name}.s3.chaos.test`;
    expect(routes[0]?.tls).toEqual({ cert: `${domain} *.${domain} localhost 127.0.0.1`, key: 'the key' });
    await lease.release();
    expect(await remains()).toEqual([false, false]);
  });

  it('has no authority made without TLS', async () => {
    await (await take()).release();
    expect(asked).not.toContain('authority');
  });
});

describe('a lease with a server of its own', () => {
  /** Those that were started. */
  let servers: OwnServer[];
  beforeEach(() => {
    servers = [];
    const startServer: StartedEnvironment['startServer'] = async (...request) => {
      asked.push(`start server ${JSON.stringify(request)}`);
      const server = await environment.startServer(...request);
      servers.push(server);
      return Object.assign(Object.create(server), {
        host: server.host,
        port: server.port,
        credentials: server.credentials,
        async [Symbol.asyncDispose]() {
          asked.push(`dispose of server${(await proxyExists()) ? ', proxy' : ''}`);
          await server[Symbol.asyncDispose]();
          if (refused.has('dispose of server')) throw new Error('dispose of server: refused');
        },
      });
    };
    parts = { ...parts, environment: Object.assign(Object.create(environment), { ...environment, startServer }) };
  });

  it('has its bucket there, and the server goes last', async () => {
    const lease = await take({ ownServer: { limitedDisk: false }, bucket: 'blocks' });
    const [server] = servers as [OwnServer];
    const { host, port } = server;
    expect(lease).toMatchObject({ bucket: 'blocks', direct: { host, port }, credentials: server.credentials });
    expect(lease.server?.port).toBe(port);
    expect(routes[0]?.upstream).toEqual({ host, port });
    const client = directClient({ host, port, credentials: server.credentials, bucket: 'blocks', region: REGION });
    await client.send(new PutObjectCommand({ Bucket: 'blocks', Key: 'one', Body: 'x' }));
    client.destroy();
    expect(await remains()).toEqual([true, false]);
    await lease.closePath();
    expect(await server.end('stop').then(() => server.start())).toBeUndefined();
    await lease.release();
    await lease.release();
    expect(asked).toEqual([
      `start server ["${name}",{"limitedDisk":false}]`,
      'open route',
      'add name, proxy',
      'remove name, proxy',
      'close route',
      'dispose of server',
    ]);
    await expect(server.pause()).rejects.toThrow('it is being taken down');
  });

  it.each(['ended', 'paused'])('is released when the server was left %s', async (how) => {
    const lease = await take({ ownServer: { limitedDisk: false } });
    await (how === 'ended' ? servers[0]?.end('kill') : servers[0]?.pause());
    await lease.release();
    await expect(servers[0]?.start()).rejects.toThrow('it is being taken down');
  });

  it('takes the server back when a later step fails', async () => {
    refused.add('add name');
    await expect(take({ ownServer: { limitedDisk: false } })).rejects.toThrow('add name: refused');
    expect(asked.slice(1)).toEqual(['open route', 'add name, proxy', 'close route', 'dispose of server']);
    await expect(servers[0]?.pause()).rejects.toThrow('it is being taken down');
  });

  it('tells of a server that cannot be taken down, beside the rest', async () => {
    const lease = await take({ ownServer: { limitedDisk: false } });
    refused = new Set(['close route', 'dispose of server']);
    const error = await failure(lease.release());
    expect(error.errors.map(({ message }) => message)).toEqual(['close route: refused', 'dispose of server: refused']);
    expect(await remains()).toEqual([false, false]);
  });
});

describe('a step that fails undoes those before it, and is what is told', () => {
  it('the bucket', async () => {
    await createBucket(s3());
    await expect(take()).rejects.toThrow(name);
    expect(asked).toEqual([]);
    // It was there before: it is not ours to delete.
    expect(await remains()).toEqual([false, true]);
    await deleteBucket(s3());
  });

  it('the certificate', async () => {
    refused.add('issue');
    await expect(take({ secure: true })).rejects.toThrow('issue: refused');
    expect(asked).toEqual(['authority']);
    expect(await remains()).toEqual([false, false]);
  });

  it('the route', async () => {
    refused.add('open route');
    await expect(take()).rejects.toThrow('open route: refused');
    expect(asked).toEqual(['open route, bucket']);
    expect(await remains()).toEqual([false, false]);
  });

  it('the proxy', async () => {
    const gone = { ...environment, toxiproxy: { host: '127.0.0.1', port: 1 } };
    parts = { ...parts, environment: Object.assign(Object.create(environment), gone) };
    await expect(take()).rejects.toThrow(/^Toxiproxy: cannot open proxy lease-\d+: it does not answer$/);
    expect(asked).toEqual(['open route, bucket', 'close route, bucket']);
    expect(await remains()).toEqual([false, false]);
  });

  it('the name', async () => {
    refused.add('add name');
    await expect(take()).rejects.toThrow('add name: refused');
    expect(asked).toEqual(['open route, bucket', 'add name, proxy, bucket', 'close route, bucket']);
    expect(await remains()).toEqual([false, false]);
  });

  it('the name, and then the route does not close: the rest is undone all the same', async () => {
    refused = new Set(['add name', 'close route']);
    await expect(take()).rejects.toThrow('add name: refused');
    expect(await remains()).toEqual([false, false]);
  });
});

describe('a release that fails', () => {
  it('undoes what it can, and tells every failure', async () => {
    const lease = await take();
    await lease.proxy.close();
    refused = new Set(['remove name', 'close route']);
    const error = await failure(lease.release());
    expect(error.errors.map(({ message }) => message)).toEqual([
      'remove name: refused',
      `Toxiproxy: cannot close proxy ${name}: there is none of this name`,
      'close route: refused',
    ]);
    expect(error.message).toBe(
      `lease ${name} was not released: ${error.errors.map(({ message }) => message).join('; ')}`,
    );
    expect(await remains()).toEqual([false, false]);
  });

  it('while the path is closed leaves the bucket, which is deleted later', async () => {
    const lease = await take();
    refused.add('close route');
    expect((await failure(lease.closePath())).message).toBe(`lease ${name} was not released: close route: refused`);
    expect(await remains()).toEqual([false, true]);
    await lease.release();
    expect(await remains()).toEqual([false, false]);
  });
});
