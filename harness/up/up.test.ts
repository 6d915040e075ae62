/** The real program: `up` in one process, everything else in others. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { Client } from 'minio';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { faults } from '../faults/catalogue.ts';
import { quietS3Client } from '../object-store/aws-client.ts';
import { packageRoot } from '../process/child.ts';
import type { UpReport } from '../report/up-report.ts';

const bin = join(packageRoot, 'bin', 'tempo-s3-chaos.js');
/** Where the commands are run: nothing may be left here. */
let folder: string;
let state: string;
const running = new Set<ChildProcess>();

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'up-'));
  state = join(folder, 'state');
  mkdirSync(join(folder, 'cwd'));
});
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

function start(...argv: string[]): ChildProcess {
  const child = spawn(process.execPath, [bin, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: join(folder, 'cwd'),
    env: { ...process.env, TEMPO_S3_CHAOS_STATE: state },
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

async function ended(child: ChildProcess) {
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream as never),
    text(child.stderr as NodeJS.ReadableStream as never),
    once(child, 'close'),
  ]);
  return { stdout, stderr, exitCode: exitCode as number };
}

const tempoS3Chaos = (line: string) => ended(start(...line.split(' ')));

/** An `up` that is up. */
class Up {
  private constructor(
    readonly child: ChildProcess,
    readonly report: UpReport,
    private readonly said: () => string,
    private readonly closed: Promise<number>,
  ) {}

  static async start(line: string): Promise<Up> {
    const child = start(...line.split(' '));
    let stdout = '';
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (piece: string) => {
      stderr += piece;
    });
    const closed = once(child, 'close').then(([code]) => code as number);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
        stdout += piece;
        if (stdout.endsWith('\n}\n')) resolve();
      });
      closed.then((code) => reject(new Error(`up ended with ${code}: ${stderr}`)));
    });
    return new Up(child, JSON.parse(stdout) as UpReport, () => stderr, closed);
  }

  get stderr(): string {
    return this.said();
  }

  /** Gives its exit code, once it and all that it had started are gone. */
  async end(signal: NodeJS.Signals = 'SIGINT'): Promise<number> {
    this.child.kill(signal);
    return this.closed;
  }

  exitCode(): Promise<number> {
    return this.closed;
  }
}

/** Everything that a process has started, and what that has; the bundler aside, which a clone may have needed for a moment. */
function descendants(pid: number): { pid: number; command: string }[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, child, parent, command] = /^ *(\d+) +(\d+) (.*)$/.exec(line) ?? [];
      return child ? [{ pid: Number(child), parent: Number(parent), command: command as string }] : [];
    });
  const below = (of: number): typeof all =>
    all.filter(({ parent }) => parent === of).flatMap((one) => [one, ...below(one.pid)]);
  return below(pid).filter(({ command }) => !command.includes('esbuild'));
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const nothingLeft = () => ({
  state: readdirSync(join(state, 'up')),
  runs: readdirSync(join(state, 'runs')),
  results: readdirSync(join(folder, 'cwd')),
});
const nothing = { state: [], runs: [], results: [] };

/** Asks the path's DNS server, as a client that was pointed at it does. */
function lookUpBy({ dnsServer }: UpReport): LookupFunction {
  const resolver = new Resolver({ timeout: 1000, tries: 1 });
  resolver.setServers([`${dnsServer.host}:${dnsServer.port}`]);
  return (name, { all }, done) => {
    const answer = (address: string) => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4));
    if (isIP(name)) return answer(name);
    resolver.resolve4(name).then(
      ([address]) => answer(address as string),
      (error) => done(error, ''),
    );
  };
}

interface Speaker {
  put(key: string, body: string): Promise<unknown>;
  get(key: string): Promise<string>;
  end(): void;
}

/** With nothing but what `up` printed, and the SDK's own transport. */
function awsSdk(report: UpReport, by: 'name' | 'address', pathStyle = true): Speaker {
  const { bucket, caFile, credentials, region, byAddress, endpoint } = report;
  const options = { keepAlive: false, lookup: lookUpBy(report) };
  const client: S3Client = quietS3Client({
    endpoint: by === 'name' ? endpoint.url : byAddress.url,
    region,
    credentials,
    forcePathStyle: pathStyle,
    maxAttempts: 1,
    requestHandler: {
      httpAgent: new Agent(options),
      httpsAgent: new SecureAgent({ ...options, ...(caFile !== null && { ca: readFileSync(caFile) }) }),
    },
  });
  return {
    put: (Key, Body) => client.send(new PutObjectCommand({ Bucket: bucket, Key, Body })),
    async get(Key) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    },
    end: () => client.destroy(),
  };
}

function minio(report: UpReport, by: 'name' | 'address', pathStyle = true): Speaker {
  const { bucket, caFile, credentials, region, byAddress, endpoint } = report;
  const options = { keepAlive: false, lookup: lookUpBy(report) };
  const client = new Client({
    endPoint: by === 'name' ? endpoint.host : byAddress.host,
    port: endpoint.port,
    useSSL: endpoint.secure,
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    region,
    pathStyle,
    retryOptions: { disableRetry: true },
    transportAgent: endpoint.secure
      ? new SecureAgent({ ...options, ...(caFile !== null && { ca: readFileSync(caFile) }) })
      : new Agent(options),
  });
  return {
    put: (key, body) => client.putObject(bucket, key, body),
    get: async (key) => text(await client.getObject(bucket, key)),
    end() {},
  };
}

const speakers = { 'aws-sdk': awsSdk, minio } as const;

async function failureOf(work: Promise<unknown>): Promise<Error & { code?: string }> {
  return work.then(
    () => Promise.reject(new Error('it went well')),
    (error) => error,
  );
}

describe('a path that is up', () => {
  let up: Up;
  let pids: number[];
  beforeAll(async () => {
    up = await Up.start('up --environment native --bucket tempo --json');
    pids = descendants(up.child.pid as number).map(({ pid }) => pid);
  });

  describe.each(['aws-sdk', 'minio'] as const)('with %s', (name) => {
    it.each(['address', 'name'] as const)('takes and gives objects, by %s', async (by) => {
      const client = speakers[name](up.report, by);
      await client.put(`${name}/${by}`, 'block');
      expect(await client.get(`${name}/${by}`)).toBe('block');
      client.end();
    });

    it("takes and gives objects in a bucket whose name is a part of the host's", async () => {
      const client = speakers[name](up.report, 'name', false);
      await client.put(`${name}/host`, 'block');
      expect(await client.get(`${name}/host`)).toBe('block');
      await tempoS3Chaos('inject s3-error --code SlowDown --bucket ^tempo$ --key ^other$');
      await client.put('another', 'block');
      await failureOf(client.put('other', 'block'));
      expect(await tempoS3Chaos('heal')).toMatchObject({
        exitCode: 0,
        stdout: expect.stringContaining('1 request (considered 1)'),
      });
      client.end();
    });

    it('is hit by a fault from another terminal until that is healed, and what it did is told', async () => {
      const client = speakers[name](up.report, 'address');
      const injected = await tempoS3Chaos('inject s3-error --code SlowDown --operations PutObject');
      const id = injected.stdout.trim();
      expect(injected).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^\d+-s3-error\n$/) });
      expect(await failureOf(client.put('a', 'block'))).toMatchObject(
        name === 'minio' ? { message: expect.stringMatching(/503|Unavailable|SlowDown|reduce/) } : { name: 'SlowDown' },
      );
      const { stdout } = await tempoS3Chaos('status --json');
      expect(JSON.parse(stdout).inForce).toMatchObject([
        { id, state: 'in-force', evidence: { fired: 1, unit: 'requests' } },
      ]);
      const healed = await tempoS3Chaos(`heal ${id}`);
      expect(healed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`${id} is healed: 1 request (`) });
      await client.put('a', 'block');
      client.end();
    });

    it('is hit by a fault of DNS by name, and by address is not', async () => {
      const named = speakers[name](up.report, 'name');
      const addressed = speakers[name](up.report, 'address');
      expect(await tempoS3Chaos('inject dns-failure --mode nxdomain')).toMatchObject({ exitCode: 0 });
      expect(await failureOf(named.put('a', 'block'))).toMatchObject({ message: expect.stringContaining('ENOTFOUND') });
      await addressed.put('a', 'block');
      const healed = await tempoS3Chaos('heal');
      expect(healed).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/is healed: \d+ quer(y|ies)/) });
      await named.put('a', 'block');
      named.end();
      addressed.end();
    });
  });

  it('heals by itself what was injected for a time, and says loudly that it never took effect', async () => {
    const { stdout } = await tempoS3Chaos('inject s3-error --for 300ms --key nothing-is-called-so');
    const id = stdout.trim();
    for (let turn = 0; turn < 100 && !up.stderr.includes(`${id} is healed`); turn++) await realClock.sleep(50);
    expect(up.stderr).toMatch(
      new RegExp(`${id} is healed, its time is over: it never took effect: no request matched`),
    );
    expect((await tempoS3Chaos('status')).stdout).toMatch(/nothing is in force\n\nhealed\n {2}\d+-s3-error/);
    await tempoS3Chaos('inject s3-error --key nothing-is-called-so');
    expect(await tempoS3Chaos('heal')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringContaining('IT NEVER TOOK EFFECT'),
    });
  });

  it('refuses what it cannot have, and keeps nothing of it', async () => {
    expect(await tempoS3Chaos('inject bandwidth --rate 0')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('--rate: "0" is nothing at all: expected a rate over 0'),
    });
    expect(await tempoS3Chaos('inject tls-handshake')).toMatchObject({ exitCode: 3, stdout: '' });
    expect((await tempoS3Chaos('status')).stdout).toContain('nothing is in force');
  });

  it('keeps no history, since it may go on for days', () => {
    const parts = readdirSync(join(state, 'runs'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ndjson'),
    );
    expect(parts.map((file) => readlinkSync(join(state, 'runs', file)))).toEqual(['/dev/null', '/dev/null']);
  });

  it('has the bucket that was asked for', () => {
    expect(up.report.bucket).toBe('tempo');
  });

  it('leaves a state that only its user may read', () => {
    const file = join(state, 'up', `${up.report.id}.json`);
    expect(up.report.control.file).toBe(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('takes everything down with Ctrl-C, what is in force too', async () => {
    await tempoS3Chaos('inject latency --latency 50ms');
    expect(pids.length).toBeGreaterThan(4);
    expect(await up.end('SIGINT')).toBe(0);
    expect(pids.filter(lives)).toEqual([]);
    expect(nothingLeft()).toEqual(nothing);
    expect(up.stderr).toMatch(/latency is healed/);
    expect(await tempoS3Chaos('status')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('nothing is up'),
    });
  });
});

it('speaks TLS when asked to, beside another one that does not', async () => {
  const [secure, plain] = await Promise.all([
    Up.start('up --environment native --tls --json'),
    Up.start('up --environment native --json'),
  ]);
  try {
    expect(secure.report.endpoint.secure).toBe(true);
    expect(secure.report.id).not.toBe(plain.report.id);
    expect(secure.report.bucket).not.toBe(plain.report.bucket);
    for (const name of ['aws-sdk', 'minio'] as const) {
      for (const [by, pathStyle] of [['address'], ['name'], ['name', false]] as const) {
        const client = speakers[name](secure.report, by, pathStyle);
        await client.put(`${name}/${by}`, 'block');
        expect(await client.get(`${name}/${by}`)).toBe('block');
        client.end();
      }
    }
    const untrusting = speakers['aws-sdk']({ ...secure.report, caFile: null }, 'address');
    expect(await failureOf(untrusting.put('a', 'block'))).toMatchObject({
      message: expect.stringMatching(/certificate/),
    });
    untrusting.end();

    const ambiguous = await tempoS3Chaos('inject s3-error');
    expect(ambiguous).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('2 are up\n  remedy: say which one with --up ID: '),
    });
    expect(await tempoS3Chaos(`inject --up ${plain.report.id} s3-error`)).toMatchObject({
      exitCode: 0,
      stdout: '1-s3-error\n',
    });
    const client = speakers['aws-sdk'](secure.report, 'address');
    await client.put('a', 'block');
    client.end();
    expect(await tempoS3Chaos('status --up ffffff')).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('there is no up ffffff'),
    });
  } finally {
    expect(await Promise.all([secure.end('SIGTERM'), plain.end('SIGHUP')])).toEqual([0, 0]);
  }
  expect(existsSync(secure.report.caFile as string)).toBe(false);
  expect(nothingLeft()).toEqual(nothing);
});

describe('every fault of the catalogue', () => {
  let up: Up;
  beforeAll(async () => {
    up = await Up.start('up --environment native --tls --json');
  });
  afterAll(() => up?.end());

  const call = async (method: 'POST' | 'DELETE', at: string, body?: object) => {
    const { url, token } = up.report.control;
    const response = await fetch(`${url}${at}`, {
      method,
      headers: { authorization: `Bearer ${token}` },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  };

  it.each(faults.map((fault) => [fault.name, fault] as const))(
    '%s is injected and healed, or refused with the reason, and the path is as it was',
    async (name, { needs = [], example }) => {
      const injected = await call('POST', '/faults', { fault: name, with: example });
      if (needs.includes('writers')) {
        expect(injected).toMatchObject({ status: 409, answer: { error: expect.stringContaining('writer') } });
      } else if (needs.includes('limited-disk') && injected.status === 409) {
        expect(injected.answer).toMatchObject({
          error: expect.stringMatching(/./),
          remedy: expect.stringMatching(/./),
        });
      } else {
        expect(injected).toMatchObject({ status: 200, answer: { state: 'in-force', error: null } });
        expect(await call('DELETE', `/faults/${injected.answer.id}`)).toMatchObject({
          status: 200,
          answer: { state: 'healed', evidence: { fired: expect.toSatisfy((fired) => fired === null || fired >= 0) } },
        });
      }
      const client = speakers['aws-sdk'](up.report, 'name');
      await client.put(name, 'block');
      client.end();
    },
  );
});

it('ends with what died when a part of it does, and takes the rest down', async () => {
  const up = await Up.start('up --environment native --json');
  const started = descendants(up.child.pid as number);
  const gateway = started.find(({ command }) => command.includes('gateway.js'));
  process.kill(gateway?.pid as number, 'SIGKILL');
  expect(await up.exitCode()).toBe(2);
  expect(up.stderr).toContain('the gateway process ended (SIGKILL)');
  expect(started.map(({ pid }) => pid).filter(lives)).toEqual([]);
  expect(nothingLeft()).toEqual(nothing);
});

it('that is killed is not found any more, and what it left is removed', async () => {
  const up = await Up.start('up --environment native --json');
  expect(readdirSync(join(state, 'up'))).toEqual([`${up.report.id}.json`]);
  await up.end('SIGKILL');
  expect(await tempoS3Chaos('inject s3-error')).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('nothing is up'),
  });
  expect(readdirSync(join(state, 'up'))).toEqual([]);
  // The next to come up sweeps away the processes of the one that was killed.
  const next = await Up.start('up --environment native --json');
  expect(await next.end()).toBe(0);
  expect(nothingLeft()).toEqual(nothing);
});

it('that is told to end before it is up leaves nothing either', async () => {
  const child = start('up', '--environment', 'native', '--json');
  const over = ended(child);
  await new Promise((resolve) => child.stderr?.once('data', resolve));
  child.kill('SIGINT');
  const { stdout, exitCode } = await over;
  expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 0 });
  expect(existsSync(join(state, 'up')) ? readdirSync(join(state, 'up')) : []).toEqual([]);
  expect(readdirSync(join(state, 'runs'))).toEqual([]);
});
