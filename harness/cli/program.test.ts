import { describe, expect, it } from 'vitest';
import { EnvironmentError } from '../environment/environment.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { groupedScenarios, shippedScenarios as shipped } from '../scenario/shipped.ts';
import { fakeRun, runFake } from './fake-harness.ts';

describe('run', () => {
  it('runs all that ships, with both clients, unless told otherwise', async () => {
    const { asked } = await runFake(['run']);
    expect(asked).toEqual([
      [{ scenarios: [], clients: ['aws-sdk', 'minio'], set: [], environment: 'auto', out: 'chaos-results', again: 1 }],
    ]);
  });

  it('passes every option on', async () => {
    const argv =
      'run a b.yaml --config t.yaml --client minio --set x=1 --set y=2 --seed 7 --environment docker --out o --at-once 3 --again 0';
    const { asked } = await runFake(argv.split(' '));
    expect(asked[0]).toEqual([
      {
        scenarios: ['a', 'b.yaml'],
        clients: ['minio'],
        config: 't.yaml',
        set: ['x=1', 'y=2'],
        seed: 7,
        environment: 'docker',
        out: 'o',
        atOnce: 3,
        again: 0,
      },
    ]);
  });

  it('passes on which Tempo the config is for, and whose policy it is to be', async () => {
    const argv = 'run --tempo-version 3.0 --policy sdk --set sdk.maxAttempts=5 --client minio';
    const { asked } = await runFake(argv.split(' '));
    expect(asked[0]).toMatchObject([{ tempoVersion: '3.0', set: ['client.policy=sdk', 'sdk.maxAttempts=5'] }]);
    expect((await runFake(['run', '--tempo-version', '3'])).asked[0]).toMatchObject([{ tempoVersion: '3.0' }]);
  });

  it.each([
    [
      ['--client', 'both'],
      ['aws-sdk', 'minio'],
    ],
    [
      ['--client', 'minio', '--client', 'aws-sdk', '--client', 'minio'],
      ['minio', 'aws-sdk'],
    ],
  ])('takes clients %o', async (argv, clients) => {
    expect((await runFake(['run', ...argv])).asked[0]?.[0]?.clients).toEqual(clients);
  });

  it('prints the result to standard output, the progress to standard error', async () => {
    const { stdout, stderr, exitCode } = await runFake(['run', '--client', 'minio']);
    expect(exitCode).toBe(0);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^pass: 1 of 1 as expected/);
    expect(stderr.split('\n')).toEqual([
      'environment: native (cache)',
      'start  slowdown-burst (minio)',
      expect.stringMatching(/^pass +slowdown-burst \(minio\): /),
      '',
    ]);
  });

  it.each([
    ['fail', 1],
    ['inconclusive', 2],
  ] as const)('ends with the exit code of a run that is %s', async (verdict, exitCode) => {
    const runEach = {
      runEach: async ([options]: readonly Parameters<typeof fakeRun>[0][], observer: Parameters<typeof fakeRun>[1]) => [
        fakeRun(options as Parameters<typeof fakeRun>[0], observer, { verdict, asExpected: false }),
      ],
    };
    expect((await runFake(['run'], runEach)).exitCode).toBe(exitCode);
  });

  it('prints exactly one JSON document with --json', async () => {
    const { stdout } = await runFake(['run', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'pass',
      scenarios: [{ client: 'aws-sdk' }, { client: 'minio' }],
    });
  });

  it('prints nothing but the error when nothing could be run', async () => {
    const runEach = async () => {
      throw new EnvironmentError('no environment works here', 'install Go');
    };
    expect(await runFake(['run', '--json'], { runEach })).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: 'tempo-s3-chaos: no environment works here\n  remedy: install Go\n',
    });
  });
});

describe('compare', () => {
  it('runs the same on both configs, on one environment, and says of each scenario which one it is part of', async () => {
    const { asked, stderr, stdout, exitCode } = await runFake(
      'compare old.yaml new.yaml a --client minio --seed 7'.split(' '),
    );
    const same = {
      scenarios: ['a'],
      clients: ['minio'],
      set: [],
      seed: 7,
      environment: 'auto',
      out: 'chaos-results',
      again: 1,
    };
    expect(asked).toEqual([
      [
        { ...same, config: 'old.yaml' },
        { ...same, config: 'new.yaml' },
      ],
    ]);
    expect(stderr.split('\n').filter((line) => line.startsWith('start'))).toEqual([
      'start  slowdown-burst (minio, old)',
      'start  slowdown-burst (minio, new)',
    ]);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^not worse: of 1: 1 same/);
    expect(exitCode).toBe(0);
  });

  it('ends with 1, and says why in its JSON, when the new config is worse', async () => {
    const runEach = async (all: readonly Parameters<typeof fakeRun>[0][], observer: Parameters<typeof fakeRun>[1]) =>
      all.map((options) =>
        fakeRun(options, observer, options.config === 'new.yaml' ? { verdict: 'fail', asExpected: false } : {}),
      );
    const { stdout, exitCode } = await runFake(['compare', 'old.yaml', 'new.yaml', '--json'], { runEach });
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'worse',
      old: { config: 'old.yaml' },
      new: { config: 'new.yaml' },
      scenarios: [{ outcome: 'worse', reason: 'fail, was pass' }, { outcome: 'worse' }],
    });
  });

  it('runs what is inconclusive again on both as often, and takes a later try for one of the same config', async () => {
    const runEach = async (all: readonly Parameters<typeof fakeRun>[0][], observer: Parameters<typeof fakeRun>[1]) =>
      all.map((options) => {
        const ran = fakeRun(options, observer);
        observer.scenarioStarted({ name: 'slowdown-burst', client: 'minio', tryNumber: 2 });
        return ran;
      });
    const argv = 'compare old.yaml new.yaml --client minio --again 3'.split(' ');
    const { asked, stderr } = await runFake(argv, { runEach });
    expect(asked[0]?.map(({ again }) => again)).toEqual([3, 3]);
    expect(stderr.split('\n').filter((line) => line.startsWith('start'))).toEqual([
      'start  slowdown-burst (minio, old)',
      'start  slowdown-burst (minio, old, try 2)',
      'start  slowdown-burst (minio, new)',
      'start  slowdown-burst (minio, new, try 2)',
    ]);
  });

  it('reads both for one version, unless the new one is for another', async () => {
    const versions = async (options: string) => {
      const { asked } = await runFake(`compare old.yaml new.yaml${options}`.split(' '));
      return asked[0]?.map(({ tempoVersion }) => tempoVersion);
    };
    expect(await versions('')).toEqual([undefined, undefined]);
    expect(await versions(' --tempo-version 2.7')).toEqual(['2.7', '2.7']);
    expect(await versions(' --new-tempo-version 3.0')).toEqual([undefined, '3.0']);
    expect(await versions(' --tempo-version 2.7 --new-tempo-version 2.9')).toEqual(['2.7', '2.9']);
  });

  it('needs two configs', async () => {
    const { exitCode, stderr } = await runFake(['compare', 'old.yaml']);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^tempo-s3-chaos: missing required argument 'new'\n {2}remedy: /);
  });
});

describe('check', () => {
  it('prints the settings, those of --set over those of the file', async () => {
    const { stdout, exitCode } = await runFake(['check', 't.yaml', '--set', 'ingester.flush_op_timeout=1m']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^t\.yaml, as Tempo 2\.9 reads it\n/);
    expect(stdout).toMatch(/^ingester\.flush_op_timeout +1m +5m$/m);
  });

  it('prints them as JSON', async () => {
    const check = JSON.parse((await runFake(['check', 't.yaml', '--json'])).stdout);
    expect(check.settings).toContainEqual({ setting: 'ingester.flush_op_timeout', value: '5m', default: '5m' });
    expect(check.notes).toEqual([{ level: 'ok', setting: 'ingester.flush_op_timeout', message: 'it is enough' }]);
  });

  it('reads the config as another version of Tempo does, and with the policy of an SDK', async () => {
    const argv = 'check t.yaml --tempo-version 3.0 --policy sdk --set live_store.max_block_bytes=104857600 --json';
    const { stdout, stderr } = await runFake(argv.split(' '));
    const check = JSON.parse(stdout);
    expect({ stderr, version: check.version, policy: check.policy }).toEqual({
      stderr: '',
      version: '3.0',
      policy: 'sdk',
    });
    expect(check.settings).toContainEqual({ setting: 'live_store.max_block_bytes', value: '100MiB', default: '50MiB' });
    const refused = await runFake('check t.yaml --set storage.trace.s3.retry_max_attempts=5'.split(' '));
    expect(refused).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('(3.0 has it)') });
  });

  it('refuses a config that cannot be used with every problem of it', async () => {
    const { exitCode, stderr } = await runFake([
      'check',
      't.yaml',
      '--set',
      'ingester.flush_op_timout=1m',
      '--set',
      'x',
    ]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain('Did you mean ingester.flush_op_timeout?');
    expect(stderr.trimEnd().split('\n')).toHaveLength(3);
  });
});

describe('doctor', () => {
  const no = { works: false, problem: 'no engine', remedy: 'install docker.io' } as const;

  it('ends with 0 when one environment works, with 3 when none does', async () => {
    expect((await runFake(['doctor'])).exitCode).toBe(0);
    const { exitCode, stdout } = await runFake(['doctor'], {
      diagnoseAll: async () => [{ name: 'docker', diagnosis: no }],
    });
    expect(exitCode).toBe(3);
    expect(stdout).toBe('docker  does not work: no engine\n        remedy: install docker.io\n');
  });

  it('prints JSON', async () => {
    expect(JSON.parse((await runFake(['doctor', '--json'])).stdout)).toEqual({
      format: 1,
      works: true,
      environments: [{ name: 'native', diagnosis: { works: true, detail: 'in the cache' } }],
    });
  });
});

describe('a command line that makes no sense', () => {
  it.each([
    ['run --client minoi', 'there is no client "minoi"', 'did you mean --client minio? there are aws-sdk, minio, both'],
    ['run --environment kubernetes', 'there is no environment "kubernetes"', 'there are auto, native, docker'],
    ['run --seed abc', '--seed "abc" is no whole number', 'write one such as --seed 42'],
    ['run --seed 1.5', '--seed "1.5" is no whole number', 'write one such as --seed 42'],
    ['run --seed 9007199254740993', '--seed "9007199254740993" is no whole number', 'write one such as --seed 42'],
    ['run --again -1', '--again "-1" is no whole number from 0 to 5', 'write one such as --again 5'],
    ['run --again x', '--again "x" is no whole number from 0 to 5', 'write one such as --again 5'],
    ['compare a.yaml b.yaml --again 99', '--again "99" is no whole number from 0 to 5', 'write one such as --again 5'],
    ['explore --again 1', "unknown option '--again'", '--help'],
    ['run --at-once 0', '--at-once "0" is no whole number from 1', 'write one such as --at-once 4'],
    [
      'run --tempo-version 2.8',
      'there is no version of Tempo "2.8"',
      'did you mean --tempo-version 2.7? there are 2.7, 2.9, 3.0',
    ],
    ['check t.yaml --tempo-version', "option '--tempo-version <version>' argument missing", '--help'],
    [
      'compare a.yaml b.yaml --new-tempo-version four',
      'there is no version of Tempo "four"',
      'there are 2.7, 2.9, 3.0',
    ],
    ['run --policy sdks', 'there is no policy "sdks"', 'did you mean --policy sdk? there are tempo, sdk'],
    ['run --out ', '--out "" names no folder', 'the results go to chaos-results'],
    ['run --sed 4', "unknown option '--sed'", 'did you mean --seed'],
    ['runn', "unknown command 'runn'", 'did you mean run?'],
    ['list everything', 'there is no fault "everything"', 'valid: latency, bandwidth'],
    ['list latncy', 'there is no fault "latncy"', 'did you mean latency?'],
    ['list latency more', "too many arguments for 'list'", '--help'],
    ['run --config', "option '--config <file>' argument missing", '--help'],
  ])('%s', async (argv, problem, remedy) => {
    const { exitCode, stdout, stderr, asked } = await runFake(argv.split(' '));
    expect({ exitCode, stdout, asked }).toEqual({ exitCode: 3, stdout: '', asked: [] });
    const [first, second, ...rest] = stderr.trimEnd().split('\n');
    expect(first).toContain(`tempo-s3-chaos: ${problem}`);
    expect(second).toContain(`  remedy: `);
    expect(second).toContain(remedy);
    expect(rest).toEqual([]);
  });

  it.each([
    [
      'long-outage',
      'is a scenario, and only faults',
      /read .*long-outage\.yaml, or run it: tempo-s3-chaos run long-outage$/,
    ],
    ['tempo-4361', 'is a group of scenarios', /run it: tempo-s3-chaos run tempo-4361$/],
    ['latensy', 'there is no fault "latensy"', /did you mean latency\?/],
  ])('says of list %s where it is', async (name, problem, remedy) => {
    const shippedScenarios = async () => [...(await shipped()), ...(await groupedScenarios())];
    const { exitCode, stdout, stderr } = await runFake(['list', name], { shippedScenarios });
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    const [first, second] = stderr.trimEnd().split('\n');
    expect(first).toContain(problem);
    expect(second).toMatch(remedy);
  });

  it('tells of every problem of the scenarios', async () => {
    const runEach = async () => {
      throw new ScenarioError([
        { where: 'slodown', message: 'there is no scenario of this name', remedy: 'did you mean slowdown?' },
      ]);
    };
    const { exitCode, stderr } = await runFake(['run', 'slodown'], { runEach });
    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      'tempo-s3-chaos: the scenario cannot be run\nslodown: there is no scenario of this name (did you mean slowdown?)\n',
    );
  });
});

describe('help', () => {
  it.each(['run', 'compare', 'explore', 'explain', 'check', 'up', 'inject', 'heal', 'status', 'list', 'doctor'])(
    'of %s has an example, and goes to standard output',
    async (command) => {
      const { exitCode, stdout, stderr } = await runFake([command, '--help']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(`Example:\n  $ tempo-s3-chaos ${command}`);
    },
  );

  it.each(['run', 'compare', 'check'])('of %s shows how a config is read', async (command) => {
    const { stdout } = await runFake([command, '--help']);
    for (const option of ['--tempo-version <version>', '--policy <name>', '--set <key=value>']) {
      expect(stdout).toContain(option);
    }
    expect(stdout).toMatch(/\$ tempo-s3-chaos .*--(new-)?tempo-version 3\.0/);
  });

  it('names the command that help does not know', async () => {
    const { exitCode, stdout, stderr } = await runFake(['help', 'nope']);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain("tempo-s3-chaos: unknown command 'nope'\n");
    expect((await runFake(['help', 'replay'])).exitCode).toBe(0);
  });

  it.each(['', 'run', 'compare', 'explore', 'replay', 'explain', 'check', 'up', 'heal', 'status', 'list', 'doctor'])(
    'of "%s" keeps to 80 columns',
    async (command) => {
      const { stdout } = await runFake(command === '' ? ['--help'] : [command, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    },
  );

  it('is shown, as an error, when no command is given', async () => {
    const { exitCode, stdout, stderr } = await runFake([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain('Usage: tempo-s3-chaos');
  });

  it('has a version', async () => {
    expect(await runFake(['--version'])).toMatchObject({ exitCode: 0, stdout: '1.2.3\n' });
  });
});
