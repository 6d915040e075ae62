/** Our policy over both SDKs does what minio-go does, which Tempo has; and if it did not, that would be seen. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { realClock } from '../harness/clock.ts';
import { type ConformanceResult, runConformance } from '../harness/conformance/conformance.ts';
import { ourClient } from '../harness/conformance/our-client.ts';
import type { Program } from '../harness/conformance/program.ts';
import { fuzzedPrograms } from '../harness/conformance/programs.ts';
import { conformanceReport } from '../harness/conformance/report.ts';
import { region } from '../harness/conformance/stage.ts';
import { realBackoff, shortBackoff, type Way } from '../harness/conformance/way.ts';
import { type ConformanceParts, withClients } from '../harness/conformance/with-clients.ts';
import { S3Error, type S3Operations } from '../harness/object-store/s3-operations.ts';
import { type TempoObjectStoreOptions, tempoObjectStore } from '../harness/object-store/tempo-object-store.ts';
import { packageRoot } from '../harness/process/child.ts';
import type { Random } from '../harness/random.ts';
import { goIsInstalled } from './go-is-installed.ts';

const clock = realClock;
const { signal } = new AbortController();
const nothing = () => {};

describe.skipIf(!process.env.CI && !goIsInstalled())('beside minio-go', () => {
  let parts: ConformanceParts;
  let over = nothing;
  let down: Promise<void>;

  beforeAll(async () => {
    const environment = (process.env.TEMPO_S3_CHAOS_ENVIRONMENT ?? 'auto') as 'auto';
    await new Promise<void>((ready, failed) => {
      down = withClients({ environment, seed: 1, clock, progress: nothing, signal }, (started) => {
        parts = started;
        ready();
        return new Promise<void>((resolve) => {
          over = resolve;
        });
      });
      down.catch(failed);
    });
  });

  afterAll(async () => {
    over();
    await down;
  });

  it('ours agrees in 200 programs: attempts, order, what is retried, aborts, outcomes and waits', async () => {
    const programs = fuzzedPrograms(1, 200);
    const result = await runConformance({ ...parts, programs, seed: 1, clock, signal, progress: nothing });
    const report = conformanceReport(result, 'minio-go 7.0.94');
    expect(result.agrees, report).toBe(true);
    expect(result.compared).toHaveLength(200);
    expect(parts.ways.map(({ name }) => name)).toEqual(['minio-go 7.0.94', 'minio-go 7.1.0', 'aws-sdk', 'minio']);
    expect(result.waits.map(({ way }) => way)).toEqual(parts.ways.map(({ name }) => name));
  });

  describe('a difference is seen', () => {
    let result: ConformanceResult;

    const client = (
      name: string,
      backoff: typeof realBackoff,
      plant: (options: TempoObjectStoreOptions) => TempoObjectStoreOptions,
    ): Way =>
      ourClient('aws-sdk', {
        ...{ name, backoff, region, seed: 1, clock },
        credentials: parts.stage.environment.minio.credentials,
        plant: (options) => tempoObjectStore(plant(options)),
      });

    const put = (number: number, status: number, code: string, to: number, more = {}): Program => ({
      ...{ number, kind: 'planted', size: 1000, divided: {} },
      faults: [
        {
          ...{ operation: 'PutObject', from: 1, to },
          treatment: { kind: 'answer-error', status, code, message: 'planted', ...more },
        },
      ],
    });

    beforeAll(async () => {
      const [minioGo] = parts.ways as [Way];
      const [unhurried] = parts.unhurried as [Way];
      const noJitter = { uniform: () => 0 } as unknown as Random;
      result = await runConformance({
        stage: parts.stage,
        ways: [
          minioGo,
          client('nine attempts', shortBackoff, (options) => ({
            ...options,
            policy: { ...options.policy, attempts: 9 },
          })),
          client('403 retried', shortBackoff, (options) => ({
            ...options,
            operations: retrying403(options.operations),
          })),
          client('long waits', shortBackoff, (options) => ({
            ...options,
            policy: { ...options.policy, backoffUnit: 4000, backoffCap: 4000 },
            random: {
              uniform: (...[, , key]: string[]) => (key?.startsWith('program-2/') ? 0 : 1),
            } as unknown as Random,
          })),
          client('the same', shortBackoff, (options) => options),
        ],
        unhurried: [unhurried, client('no jitter', realBackoff, (options) => ({ ...options, random: noJitter }))],
        programs: [put(0, 503, 'SlowDown', 99), put(1, 403, 'AccessDenied', 2), put(2, 503, 'SlowDown', 1)],
        samples: { programs: 6, most: 1 },
        ...{ seed: 1, clock, signal, progress: nothing },
      });
    });

    const words = (program: number, way: string) => result.compared[program]?.disagreements.get(way);

    it('an attempt less, side by side', () => {
      expect(words(0, 'nine attempts')).toMatch(/^minio-go 7\.0\.94 +nine attempts$/m);
      expect(words(0, 'nine attempts')?.match(/^PutObject: 503 SlowDown +PutObject: 503 SlowDown$/gm)).toHaveLength(9);
      expect(words(0, 'nine attempts')?.match(/^PutObject: 503 SlowDown +<$/gm)).toHaveLength(1);
      expect(words(1, 'nine attempts')).toBeUndefined();
    });

    it('a retry of what minio-go does not retry', () => {
      expect(words(1, '403 retried')).toMatch(/[|>] PutObject: 403 AccessDenied$/m);
      expect(words(0, '403 retried')).toBeUndefined();
    });

    it('a wait that is too long', () => {
      expect(words(2, 'long waits')).toMatch(
        /long waits: PutObject waited [34]\d{3} ms after attempt 1, and 0 to 50 ms/,
      );
    });

    it('waits without jitter', () => {
      const [minioGo, ours] = result.waits;
      expect(minioGo?.size).toBe(6 * 7);
      expect(ours).toMatchObject({ way: 'no jitter', uniform: false, size: 6 * 7 });
      expect(ours?.distance).toBeGreaterThan(0.7);
    });

    it('and where there is none, none', () => {
      expect([0, 1, 2].map((program) => words(program, 'the same'))).toEqual([undefined, undefined, undefined]);
      expect(result.agrees).toBe(false);
    });
  });
});

/** An S3 that answers 503 where it answered 403. */
function retrying403(operations: S3Operations): S3Operations {
  return {
    ...operations,
    putObject: (key, body, context) =>
      operations.putObject(key, body, context).catch((error) => {
        if (!(error instanceof S3Error) || error.status !== 403) throw error;
        throw new S3Error(error.operation, key, 503, 'SlowDown', error.serverMessage);
      }),
  };
}

describe('npm run conformance', () => {
  const program = join(packageRoot, 'dist', 'conformance.js');
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-conformance-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  function outcome(argv: string[], env: Record<string, string> = {}): Promise<{ code: unknown; stderr: string }> {
    return new Promise((resolve) => {
      execFile(process.execPath, [program, ...argv], { env: { ...process.env, ...env } }, (error, _, stderr) =>
        resolve({ code: error?.code ?? 0, stderr }),
      );
    });
  }

  it.each([
    [['--programs', 'many'], '--programs is "many": a whole number from 1 on'],
    [['--seed', '-1'], "'--seed' argument is ambiguous"],
    [['--faults'], "Unknown option '--faults'"],
    [['fuzz'], "Unexpected argument 'fuzz'"],
  ])('refuses %j with exit code 3, and says what is valid', async (argv, problem) => {
    const { code, stderr } = await outcome(argv);
    expect(stderr).toContain(problem);
    expect(stderr).toContain('npm run conformance -- --programs N --seed S');
    expect(code).toBe(3);
  });

  it('says what to install when there is no Go, with exit code 3', async () => {
    const env = { PATH: folder, TEMPO_S3_CHAOS_CACHE: join(folder, 'cache') };
    const { code, stderr } = await outcome([], env);
    expect(stderr).toContain(
      'cannot build minio-go 7.0.94: there is no Go on PATH\n  install Go 1.24 or later (https://go.dev/doc/install)\n',
    );
    expect(code).toBe(3);
  });

  it.skipIf(!process.env.CI && !goIsInstalled())('takes everything down when it is interrupted', async () => {
    const state = join(folder, 'state');
    const running = spawn(process.execPath, [program], {
      env: { ...process.env, TEMPO_S3_CHAOS_STATE: state },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const exited = once(running, 'exit');
    const runs = async () => (await readdir(join(state, 'runs')).catch(() => [])).length;
    for (let polls = 0; polls < 300 && (await runs()) === 0; polls++) await clock.sleep(100);
    expect(await runs()).toBeGreaterThan(0);
    await clock.sleep(3000);
    running.kill('SIGINT');
    expect(await exited).toEqual([130, null]);
    expect(await runs()).toBe(0);
  });
});
