/**
 * Where fault programs are run: an S3 server, a gateway and a DNS server that all programs share, and for each program a bucket, a
 * route, and a name for each client, so that programs can run side by side.
 *
 * A program:
 * 1. Make its bucket, its route with its rules, and a name for each client, with its fault.
 * 2. Let all clients put their object at the same time, each under a key of its own: rules count for each key.
 * 3. Take names and route away again: then the history has all that was seen. Delete the bucket.
 */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.ts';
import { type Dns, type DnsName, startDns } from '../dns/dns.ts';
import { type DnsFault, dnsZone } from '../dns/protocol.ts';
import { chooseEnvironment } from '../environment/auto.ts';
import type { EnvironmentKind, Progress, StartedEnvironment } from '../environment/environment.ts';
import { type Neighbours, openNeighbours } from '../environment/neighbours.ts';
import type { Register } from '../environment/register.ts';
import { type Gateway, type Route, startGateway } from '../gateway/gateway.ts';
import type { ServerCertificate } from '../gateway/protocol.ts';
import type { HistoryEvent } from '../history/events.ts';
import { readPart } from '../history/read-part.ts';
import { createBucket, deleteBucket } from '../object-store/bucket.ts';
import { type CertificateAuthority, createAuthority } from '../tls/certificate-authority.ts';
import type { Seen } from './observation.ts';
import { PART_SIZE, type Program } from './program.ts';
import { type Job, jobTimeouts, type Way } from './way.ts';

export const region = 'us-east-1';

export class Stage implements AsyncDisposable {
  #programs = 0;

  private constructor(
    readonly environment: StartedEnvironment,
    private readonly gateway: Gateway,
    private readonly dns: Dns,
    private readonly authority: CertificateAuthority,
    private readonly certificate: ServerCertificate,
    private readonly folder: string,
  ) {}

  /** What could be started is taken down again when something cannot. @throws EnvironmentError */
  static async start(
    name: 'auto' | EnvironmentKind['name'],
    { register, progress, clock }: { register: Register; progress: Progress; clock: Clock },
  ): Promise<Stage> {
    const starts = await Promise.allSettled([chooseEnvironment(name, progress, register), startGateway(), startDns()]);
    try {
      const failure = starts.find((start) => start.status === 'rejected');
      if (failure) throw failure.reason;
      const [environment, gateway, dns] = starts.map((start) => (start as PromiseFulfilledResult<unknown>).value) as [
        StartedEnvironment,
        Gateway,
        Dns,
      ];
      const authority = await createAuthority(clock.date());
      const certificate = await authority.issue([`*.${dnsZone}`]);
      return new Stage(environment, gateway, dns, authority, certificate, register.newFolder('conformance'));
    } catch (error) {
      for (const start of starts) if (start.status === 'fulfilled') await start.value[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Makes all that the program's clients will meet. Disposing of it takes it away again. @throws Error when it cannot be made. */
  async open(program: Program, ways: readonly Way[]): Promise<OpenProgram> {
    const id = `p${this.#programs++}`;
    const { host, port, credentials } = this.environment.minio;
    const bucket = { host, port, credentials, region, bucket: `conformance-${id}` };
    const folder = join(this.folder, id);
    const files = { gateway: join(folder, 'gateway.ndjson'), dns: join(folder, 'dns.ndjson') };
    await mkdir(folder);
    const rest = [() => rm(folder, { recursive: true })];
    const path: (() => Promise<unknown>)[] = [];
    try {
      await createBucket(bucket);
      rest.push(() => deleteBucket(bucket));
      const { tls } = program;
      const speaksTls = tls !== undefined && tls !== 'answered-plain';
      const route = await this.gateway.openRoute({
        ...{ route: id, upstream: { host, port }, historyFile: files.gateway },
        ...(speaksTls && { tls: this.certificate }),
      });
      path.push(() => route.close());
      await addRules(program, route);
      const neighbours = openNeighbours(
        { gateway: this.gateway, environment: this.environment },
        { name: id, port: route.port, domain: dnsZone, partsFolder: folder },
      );
      path.push(() => neighbours.close());
      const fault = await faultOf(program, neighbours);
      const jobs: Job[] = [];
      for (const [index] of ways.entries()) {
        const name = await this.#addName(`${id}-${index}.${dnsZone}`, files.dns, fault);
        path.push(() => name.remove());
        jobs.push({
          id: `${id}-${index}`,
          endpoint: {
            host: name.name,
            // The gateway has nothing to say to what is no HTTP; S3 answers it in plain.
            port: tls === 'answered-plain' ? port : route.port,
            secure: tls !== undefined,
          },
          ...(tls !== undefined && tls !== 'untrusted' && { ca: this.authority.certificate }),
          dns: { host: this.dns.host, port: this.dns.port },
          ...{ bucket: bucket.bucket, key: `program-${program.number}/client-${index}` },
          ...{ size: program.size, partSize: PART_SIZE, timeouts: jobTimeouts(program) },
          ...(program.deadline !== undefined && { deadline: program.deadline }),
        });
      }
      return new OpenProgram(ways, jobs, files, path, rest);
    } catch (error) {
      await undo(path).catch(() => {});
      await undo(rest).catch(() => {});
      throw error;
    }
  }

  /** Opens a program, runs it and takes it away. @throws Error when a client or the path broke. */
  async run(program: Program, ways: readonly Way[]): Promise<Seen[]> {
    await using open = await this.open(program, ways);
    return await open.run();
  }

  async #addName(name: string, historyFile: string, fault: DnsFault | undefined): Promise<DnsName> {
    const added = await this.dns.addName({ name, addresses: ['127.0.0.1'], ttlSeconds: 0, historyFile });
    if (fault) await added.fail(fault);
    return added;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([this.dns[Symbol.asyncDispose](), this.gateway[Symbol.asyncDispose]()]);
    await this.environment[Symbol.asyncDispose]();
  }
}

/** A program that waits for its clients. */
export class OpenProgram implements AsyncDisposable {
  constructor(
    private readonly ways: readonly Way[],
    private readonly jobs: readonly Job[],
    private readonly files: { gateway: string; dns: string },
    /** What undoes each step taken, the last one first: of what is on the path, and of the rest. */
    private readonly path: (() => Promise<unknown>)[],
    private readonly rest: (() => Promise<unknown>)[],
  ) {}

  /** Once. Says what was seen of each client, in their order. @throws Error when a client or the path broke. */
  async run(): Promise<Seen[]> {
    const { ways, jobs, files, path } = this;
    const ended = await Promise.all(ways.map((way, index) => way.put(jobs[index] as Job)));
    await undo(path);
    const events = [...(await eventsOf(files.gateway)), ...(await eventsOf(files.dns))];
    return jobs.map(({ key, endpoint }, index) => ({
      edges: events.filter((event) => event.type === 'edge').filter((event) => event.key === key),
      queries: events.filter((event) => event.type === 'dns.query').filter(({ name }) => name === endpoint.host),
      ended: ended[index] as Seen['ended'],
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await undo(this.path);
    await undo(this.rest);
  }
}

/** Undoes each step taken, the last one first. */
async function undo(steps: (() => Promise<unknown>)[]): Promise<void> {
  for (const step of steps.splice(0).reverse()) await step();
}

/** The name of the rule of a program's n-th fault. */
export const faultName = (index: number) => `fault-${index}`;

/** It takes an address beside the route's own, which has to be free. */
export function needsNeighbour({ name }: Program): boolean {
  return name?.mode === 'dead' || name?.mode === 'hanging';
}

async function addRules({ faults, tls, number }: Program, route: Route): Promise<void> {
  // A rule that acts keeps the request from those behind it, which then do not count it: the last windows come first.
  const lastFirst = [...faults.entries()].sort(([, a], [, b]) => b.from - a.from);
  for (const [index, { operation, part, from, to, treatment }] of lastFirst) {
    const target = part === undefined ? {} : { target: `[?&]partNumber=${part}(&|$)` };
    await route.addRule({
      ...treatment,
      ...{ rule: faultName(index), seed: number, match: { operations: [operation], window: { from, to }, ...target } },
    });
  }
  if (tls === 'hanging') await route.addRule({ kind: 'tls-handshake', rule: 'handshake' });
}

async function faultOf({ name, number }: Program, neighbours: Neighbours): Promise<DnsFault | undefined> {
  if (!name) return undefined;
  const { mode, probability } = name;
  const about = { rule: 'name', ...(probability !== undefined && { sometimes: { seed: number, probability } }) };
  if (mode !== 'dead' && mode !== 'hanging') return { ...about, mode };
  const { address } = await neighbours[mode]();
  return { ...about, mode: 'stale', addresses: [address], ttlSeconds: 0 };
}

async function eventsOf(file: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for await (const event of readPart(file)) events.push(event);
  return events;
}
