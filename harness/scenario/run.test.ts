import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Verdict } from '../checkers/checker.ts';
import { realClock } from '../clock.ts';
import { exampleResult } from '../report/example-run.ts';
import type { HarnessRun } from './harness.ts';
import { commandFor, type Prepared, prepare, run, runPrepared } from './run.ts';
import type { RunObserver } from './run-result.ts';
import { silentObserver } from './silent-observer.ts';

async function prepared(): Promise<Prepared> {
  const { runs } = await prepare({ scenarios: ['dns-down'], clients: ['minio'], set: [], seed: 7 });
  return runs[0] as Prepared;
}

describe('prepare', () => {
  it('gives each scenario through each client, with the seed that is asked for', async () => {
    const { runs } = await prepare({
      scenarios: ['jitter', 'healthy'],
      clients: ['aws-sdk', 'minio'],
      set: [],
      seed: 7,
    });
    expect(runs.map(({ given, client, scenario }) => `${given} ${client} ${scenario.seed}`)).toEqual([
      'jitter aws-sdk 7',
      'jitter minio 7',
      'healthy aws-sdk 7',
      'healthy minio 7',
    ]);
  });

  it("has the run's settings over the config", async () => {
    const { runs } = await prepare({ scenarios: ['healthy'], clients: ['minio'], set: ['policy.attempts=3'] });
    expect(runs[0]?.settings.policy.attempts).toBe(3);
    expect(runs[0]?.scenario.seed).toBe(42);
  });

  it("has a scenario's own settings over the config, and the run's over those", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-'));
    try {
      const file = join(folder, 'own.yaml');
      const text = 'name: own\nabout: b\nload: { rate: 20MB/s, blocks: 2 }\n';
      writeFileSync(file, `${text}set: { policy.attempts: 5, policy.partsInFlight: 2 }\n`);
      const { runs } = await prepare({ scenarios: [file], clients: ['minio'], set: ['policy.attempts=3'] });
      expect(runs[0]?.settings.policy).toMatchObject({ attempts: 3, partsInFlight: 2 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('refuses what cannot come true with these settings', async () => {
    const short = prepare({ scenarios: ['jitter'], clients: ['minio'], set: ['policy.backoffUnit=10ms'] });
    await expect(short).rejects.toThrow('jitter: policy.backoffUnit: 10ms divided by compression.time 20 is 500µs');
  });
});

describe('the version of Tempo', () => {
  const of = async (version: '2.7' | '2.9' | '3.0' | undefined, ...set: string[]) => {
    const { runs } = await prepare({
      scenarios: ['healthy'],
      clients: ['minio'],
      ...(version && { tempoVersion: version }),
      set,
    });
    return runs[0]?.settings;
  };

  it('is 2.9 unless it is asked for another, which the usual config is migrated to', async () => {
    expect(await of(undefined)).toMatchObject({ version: '2.9', other: { rateLimitBytes: 600_000_000 } });
    expect(await of('3.0', 'live_store.complete_block_concurrency=3')).toMatchObject({
      version: '3.0',
      policy: { concurrentFlushes: 3, flushOpTimeout: 0 },
      other: { rateLimitBytes: 600_000_000 },
      deployment: { ingesters: 30 },
    });
  });

  it("is a scenario's own where it says so, whatever the run sets of another version's writer", async () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-'));
    try {
      const file = join(folder, 'own.yaml');
      const text = 'name: own\nabout: b\nload: { rate: 20MB/s, blocks: 2 }\n';
      writeFileSync(file, `${text}set: { tempo.version: 3.0, storage.trace.s3.retry_max_attempts: 20 }\n`);
      const set = ['ingester.flush_op_timeout=1m', 'policy.partsInFlight=2'];
      const { runs } = await prepare({ scenarios: [file, 'healthy'], clients: ['minio'], set });
      expect(runs[0]?.settings).toMatchObject({
        version: '3.0',
        policy: { attempts: 20, flushOpTimeout: 0, partsInFlight: 2 },
      });
      expect(runs[1]?.settings).toMatchObject({
        version: '2.9',
        policy: { attempts: 10, flushOpTimeout: 60_000, partsInFlight: 2 },
      });
      writeFileSync(file, `${text}set: { tempo.version: 3.0, ingester.flush_op_timeout: 1m }\n`);
      await expect(prepare({ scenarios: [file], clients: ['minio'], set: [] })).rejects.toMatchObject({
        name: 'ScenarioError',
        message: expect.stringContaining('set: ingester.flush_op_timeout=1m: Tempo 3.0 has no such key'),
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is that of the file, where one is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'run-'));
    try {
      const config = join(folder, 'tempo.yaml');
      writeFileSync(config, 'storage: { trace: { s3: { bucket: tempo } } }\ningester: { concurrent_flushes: 8 }\n');
      const read = { scenarios: ['healthy'], clients: ['minio' as const], config, set: [] };
      expect((await prepare(read)).runs[0]?.settings.policy.concurrentFlushes).toBe(8);
      await expect(prepare({ ...read, tempoVersion: '3.0' })).rejects.toThrow(
        `${config}:2:1: ingester: Tempo 3.0 has no such key`,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

it('refuses a compressed scenario with the policy of an SDK', async () => {
  const compressed = prepare({ scenarios: ['jitter'], clients: ['minio'], set: ['client.policy=sdk'] });
  await expect(compressed).rejects.toMatchObject({
    name: 'ScenarioError',
    message: expect.stringContaining('jitter: compression.time 20: with the policy sdk'),
  });
});

it('tells of a setting that a scenario sets wrongly by the scenario, not by an option that nobody gave', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  try {
    const file = join(folder, 'mine.yaml');
    writeFileSync(file, 'name: a\nabout: b\nload: {rate: 1MB/s, blocks: 1}\nset: {ingester.flush_op_timout: 3m}\n');
    await expect(prepare({ scenarios: [file], clients: ['minio'], set: [] })).rejects.toMatchObject({
      name: 'ScenarioError',
      message: `${file}: set: ingester.flush_op_timout=3m: there is no such key (Did you mean ingester.flush_op_timeout?)`,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('leaves no folder behind when it ends before it has begun', async () => {
  const out = mkdtempSync(join(tmpdir(), 'run-'));
  try {
    const options = {
      scenarios: ['healthy'],
      clients: ['minio' as const],
      set: [],
      environment: 'native' as const,
      out,
    };
    const ended = run(options, silentObserver, AbortSignal.abort(new Error('told to stop')));
    await expect(ended).rejects.toThrow('told to stop');
    expect(readdirSync(out)).toEqual([]);
  } finally {
    rmSync(out, { recursive: true });
  }
});

describe('what proves nothing', () => {
  /** The verdict that each scenario has at its tries: pass where none is given. */
  type Verdicts = Record<string, Verdict[]>;

  /** Runs healthy, tls and jitter on a harness that runs nothing; `said` is what it and the observer were told, in order. */
  async function runFake(
    verdicts: Verdicts,
    again: number | undefined,
    more: { during?(one: HarnessRun): Promise<void>; died?: Promise<string>; signal?: AbortSignal } = {},
  ) {
    const out = mkdtempSync(join(tmpdir(), 'run-'));
    const said: string[] = [];
    const beside: number[] = [];
    let underWay = 0;
    const harness = {
      environment: { name: 'native' as const },
      died: more.died ?? new Promise<string>(() => {}),
      async run(one: HarnessRun) {
        beside.push(underWay++);
        const { name } = one.scenario;
        one.doing('drain');
        await realClock.sleep(5);
        await more.during?.(one);
        underWay--;
        const tried = Number(/-try-(\d)$/.exec(one.folder)?.[1] ?? 1);
        const verdict = verdicts[name]?.[tried - 1] ?? 'pass';
        const explanation = verdict === 'pass' ? '' : `Try ${tried} is ${verdict}. And more.`;
        const { client, folder, command } = one;
        return exampleResult({ name, client, verdict, asExpected: verdict === 'pass', explanation, folder, command });
      },
    };
    const observer: RunObserver = {
      ...silentObserver,
      warning: (line) => said.push(`warning: ${line}`),
      scenarioStarted: ({ name, tryNumber }) => said.push(`start ${name} ${tryNumber}`),
      scenarioProgress: ({ name, tryNumber }, doing) => said.push(`${doing} ${name} ${tryNumber}`),
      scenarioFinished: ({ name, verdict, earlierTries }) => said.push(`${verdict} ${name} ${earlierTries?.length}`),
    };
    try {
      const options = {
        scenarios: ['healthy', 'tls', 'jitter'],
        clients: ['minio' as const],
        set: [],
        environment: 'native' as const,
        out,
        ...(again !== undefined && { again }),
      };
      const signal = more.signal ?? new AbortController().signal;
      const result = await runPrepared(harness, options, await prepare(options), out, 3, realClock, observer, signal);
      expect(JSON.parse(readFileSync(join(out, 'verdict.json'), 'utf8'))).toEqual(result);
      const folders = result.scenarios.map(({ folder }) => folder);
      return { result, folders, said, beside };
    } finally {
      rmSync(out, { recursive: true });
    }
  }

  const first = ['healthy-minio', 'tls-minio', 'jitter-minio'];

  it('is run again when all else has ended, in a folder of its own, and tells of the try before', async () => {
    const { result, folders, said, beside } = await runFake({ tls: ['inconclusive', 'pass'] }, 1);
    expect(result).toMatchObject({ verdict: 'pass', exitCode: 0 });
    expect(folders).toEqual(['healthy-minio', 'tls-minio-try-2', 'jitter-minio']);
    expect(result.scenarios.map(({ earlierTries }) => earlierTries)).toEqual([
      undefined,
      [{ verdict: 'inconclusive', explanation: 'Try 1 is inconclusive.', folder: 'tls-minio' }],
      undefined,
    ]);
    expect(beside).toEqual([0, 1, 2, 0]);
    expect(said.slice(-3)).toEqual(['start tls 2', 'drain tls 2', 'pass tls 1']);
    expect(said.filter((line) => line.startsWith('start'))).toHaveLength(4);
  });

  it('is run once unless more is asked for', async () => {
    const { result, folders } = await runFake({ tls: ['inconclusive', 'pass'] }, undefined);
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 2 });
    expect(folders).toEqual(first);
  });

  it('has its turn after the others, alone, until it is decided, and no more often than was asked for', async () => {
    const none: Verdict[] = ['inconclusive', 'inconclusive', 'inconclusive', 'inconclusive'];
    const { result, folders, said, beside } = await runFake(
      { healthy: ['inconclusive', 'inconclusive', 'pass'], tls: none, jitter: ['inconclusive', 'pass'] },
      3,
    );
    expect(said.filter((line) => line.startsWith('start')).slice(3)).toEqual([
      'start healthy 2',
      'start tls 2',
      'start jitter 2',
      'start healthy 3',
      'start tls 3',
      'start tls 4',
    ]);
    expect(beside.slice(3)).toEqual([0, 0, 0, 0, 0, 0]);
    expect(said.filter((line) => line.startsWith('warning'))).toEqual([]);
    expect(folders).toEqual(['healthy-minio-try-3', 'tls-minio-try-4', 'jitter-minio-try-2']);
    expect(result).toMatchObject({ verdict: 'inconclusive', exitCode: 2 });
    expect(result.scenarios[1]?.earlierTries?.map(({ folder }) => folder)).toEqual([
      'tls-minio',
      'tls-minio-try-2',
      'tls-minio-try-3',
    ]);
  });

  it('may fail when it is run again, and that decides', async () => {
    const { result } = await runFake({ tls: ['inconclusive', 'fail', 'pass'] }, 5);
    expect(result).toMatchObject({ verdict: 'fail', exitCode: 1 });
    expect(result.scenarios[1]).toMatchObject({ verdict: 'fail', folder: 'tls-minio-try-2' });
  });

  it('is all that is run again: never a fail', async () => {
    const { result, folders } = await runFake({ tls: ['fail', 'pass'] }, 5);
    expect(result.exitCode).toBe(1);
    expect(folders).toEqual(first);
  });

  it('is not run again on an environment that has died, which is said once', async () => {
    const { result, folders, said } = await runFake({ tls: ['inconclusive'], jitter: ['inconclusive'] }, 2, {
      died: Promise.resolve('MinIO ended by SIGKILL'),
    });
    expect(folders).toEqual(first);
    expect(result.exitCode).toBe(2);
    expect(said.filter((line) => line.startsWith('warning'))).toEqual([
      'warning: 2 scenarios not run again, since MinIO ended by SIGKILL',
    ]);
  });

  it('is given up with everything else, by a signal in the middle of it', async () => {
    const stop = new AbortController();
    const started: string[] = [];
    const ended = runFake({ healthy: ['inconclusive'], tls: ['inconclusive'] }, 2, {
      signal: stop.signal,
      // In the moment in which it ends: nothing that follows is begun.
      async during({ folder, signal }) {
        started.push(folder);
        if (folder.endsWith('-try-2')) stop.abort(new Error('told to stop'));
        expect(signal.aborted).toBe(stop.signal.aborted);
      },
    });
    await expect(ended).rejects.toThrow('told to stop');
    expect(started.filter((folder) => folder.includes('-try-'))).toEqual(['healthy-minio-try-2']);
  });
});

describe('the command that runs one alone', () => {
  it('names what decides about it, quoted only where a shell needs it', async () => {
    const one = await prepared();
    expect(commandFor(one, { set: [] })).toBe('npx tempo-s3-chaos run dns-down --client minio --seed 7');
    expect(commandFor(one, { tempoVersion: '3.0', set: ['client.policy=sdk'] })).toBe(
      'npx tempo-s3-chaos run dns-down --client minio --seed 7 --tempo-version 3.0 --set client.policy=sdk',
    );
    expect(commandFor(one, { config: 'my tempo.yaml', set: ['policy.attempts=1', "a=it's"] })).toBe(
      "npx tempo-s3-chaos run dns-down --client minio --seed 7 --config 'my tempo.yaml' --set policy.attempts=1 --set 'a=it'\\''s'",
    );
  });

  it.runIf(process.platform !== 'win32')('comes through a shell as it was given, whatever it holds', async () => {
    const one = await prepared();
    const texts = fc.sample(
      fc.string({ unit: fc.constantFrom(...` '"\\$\`!*?[]{}()<>|&;#~=\n\té-a/`), minLength: 1, maxLength: 12 }),
      { numRuns: 200, seed: 1 },
    );
    const command = commandFor({ ...one, given: './-f.yaml' }, { config: '$HOME/*.yaml', set: texts });
    const words = execFileSync('sh', ['-c', command.replace('npx', `printf '%s\\0'`)], { encoding: 'utf8' });
    expect(words.split('\0').slice(0, -1)).toEqual([
      ...['tempo-s3-chaos', 'run', './-f.yaml', '--client', 'minio', '--seed', '7', '--config', '$HOME/*.yaml'],
      ...texts.flatMap((text) => ['--set', text]),
    ]);
  });
});
