/** A gateway without faults is invisible: every operation gives the same answers, headers included, straight and through the path. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bucketZone } from '../harness/dns/protocol.ts';
import { chooseEnvironment } from '../harness/environment/auto.ts';
import type { StartedEnvironment } from '../harness/environment/environment.ts';
import { LeaseProxy } from '../harness/environment/proxy.ts';
import { openRegister } from '../harness/environment/register.ts';
import { startGateway } from '../harness/gateway/gateway.ts';
import { createBucket, deleteBucket } from '../harness/object-store/bucket.ts';
import { packageRoot } from '../harness/process/child.ts';
import { goIsInstalled } from './go-is-installed.ts';
import { awsSdkSteps, type Target } from './transparency/aws-sdk-steps.ts';
import { minioSteps } from './transparency/minio-steps.ts';
import { comparable, type Step } from './transparency/wire-answer.ts';

const run = promisify(execFile);

/** What the real Go client, which Tempo has, prints (conformance/transparency). */
async function goSteps(
  program: string,
  addressing: 'path' | 'virtual',
  { host, port, bucket, credentials }: Target,
): Promise<Step[]> {
  // Its dialer goes to this machine, whatever the name.
  const endpoint = addressing === 'virtual' ? bucketZone : host;
  const { stdout } = await run(program, [`${endpoint}:${port}`, bucket, addressing], {
    env: { ACCESS_KEY: credentials.accessKeyId, SECRET_KEY: credentials.secretAccessKey },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout
    .trim()
    .split('\n')
    .map((line) => {
      const { answers, ...step } = JSON.parse(line);
      return {
        ...step,
        answers: (answers ?? []).map(
          ({ status, headers, ...answer }: { status: number; headers: Record<string, string[]> }) => ({
            status,
            rawHeaders: [
              ...Object.entries(headers).flatMap(([name, [value]]) => [name, value]),
              'answer',
              JSON.stringify(answer),
            ],
          }),
        ),
      };
    });
}

describe('the path without faults', () => {
  const down: (() => PromiseLike<unknown>)[] = [];
  let environment: StartedEnvironment;
  let folder: string;
  let through: { host: string; port: number };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-transparency-'));
    down.push(() => rm(folder, { recursive: true }));
    const register = await openRegister(() => {});
    down.push(() => register[Symbol.asyncDispose]());
    environment = await chooseEnvironment(
      (process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto',
      () => {},
      register,
    );
    down.push(() => environment[Symbol.asyncDispose]());
    const gateway = await startGateway();
    down.push(() => gateway[Symbol.asyncDispose]());
    const route = await gateway.openRoute({
      route: 'transparency',
      upstream: environment.minio,
      domain: bucketZone,
      historyFile: join(folder, 'gateway.ndjson'),
    });
    const proxy = await LeaseProxy.open(environment.toxiproxy, 'transparency', route);
    down.push(() => proxy.close());
    through = proxy;
  });

  afterAll(async () => {
    for (const step of down.splice(0).reverse()) await step();
  });

  /** The same steps straight and through, each on a bucket of its own; what they gave, made comparable. */
  async function both(
    name: string,
    steps: (target: Target) => Promise<Step[]>,
  ): Promise<{ direct: unknown[]; path: unknown[] }> {
    const { credentials, host, port } = environment.minio;
    const outcomes = [];
    for (const [way, at] of [
      ['straight', { host, port }],
      ['by-route', through],
    ] as const) {
      // Names of one length: a bucket's name is in answers whose length is a header.
      const bucket = `${name}-${way}`;
      const s3 = { host, port, credentials, bucket, region: 'us-east-1' };
      await createBucket(s3);
      try {
        const taken = await steps({ host: at.host, port: at.port, bucket, credentials });
        const names = new Map([
          [bucket, 'BUCKET'],
          [`:${at.port}`, ':PORT'],
        ]);
        outcomes.push(comparable(taken, names) as unknown[]);
      } finally {
        await deleteBucket(s3);
      }
    }
    return { direct: outcomes[0] as unknown[], path: outcomes[1] as unknown[] };
  }

  function expectSame({ direct, path }: { direct: unknown[]; path: unknown[] }): void {
    expect(direct.length).toBeGreaterThan(30);
    // Most of them work: two ways that both fail everything are alike, and prove nothing.
    expect(direct.filter((step) => (step as Step).error === undefined).length).toBeGreaterThan(direct.length * 0.8);
    for (const [index, step] of direct.entries()) expect(path[index]).toEqual(step);
    expect(path).toHaveLength(direct.length);
  }

  it('is invisible to @aws-sdk/client-s3 as it comes', async () => {
    expectSame(await both('aws-sdk', awsSdkSteps));
  });

  it('is invisible to the minio client as it comes', async () => {
    expectSame(await both('minio', minioSteps));
  });

  it.skipIf(!process.env.CI && !goIsInstalled())(
    'is invisible to minio-go, which Tempo has, with the bucket in the path and in the host',
    async () => {
      const program = join(folder, 'transparency');
      await run('go', ['build', '-o', program, '.'], {
        cwd: join(packageRoot, 'conformance', 'transparency'),
        env: { ...process.env, CGO_ENABLED: '0' },
      });
      expectSame(await both('minio-go', (target) => goSteps(program, 'path', target)));
      expectSame(await both('minio-go-virtual', (target) => goSteps(program, 'virtual', target)));
    },
  );
});
