import { describe, expect, it } from 'vitest';
import { faults } from '../faults/catalogue.ts';
import type { UpOptions } from '../up/bring-up.ts';
import { exampleFault, examplePath } from '../up/example-path.ts';
import { UpError } from '../up/up-client.ts';
import { fakeConnection, runFake } from './fake-harness.ts';
import { Interrupted } from './interruption.ts';

const control = { url: 'http://127.0.0.1:4713', token: 'token', file: '/state/up/00000a.json' };

describe('up', () => {
  it('prints how to use the path, and ends well with Ctrl-C', async () => {
    const { stdout, exitCode } = await runFake(['up']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^up 00000a: a path to S3 \(native\), with no fault on it\n/);
  });

  it('passes every option on, and prints one JSON document', async () => {
    const asked: UpOptions[] = [];
    const bringUp = async (options: UpOptions, observer: { up(path: object, control: object): void }) => {
      asked.push(options);
      observer.up(examplePath(), control);
      throw new Interrupted('SIGTERM');
    };
    const { stdout, exitCode } = await runFake(
      'up --environment native --tls --limited-disk --bucket tempo --json'.split(' '),
      {
        bringUp,
      },
    );
    expect([exitCode, asked]).toEqual([
      0,
      [{ environment: 'native', secure: true, limitedDisk: true, bucket: 'tempo' }],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ id: '00000a', control, snippets: { awsCli: expect.any(String) } });
  });

  it('tells what was injected and healed, and what never took effect', async () => {
    const { stderr } = await runFake(['up'], {
      async bringUp(_, observer) {
        observer.injected(exampleFault({ healsAt: '2026-01-01T00:01:30.000Z' }));
        observer.ended(exampleFault({ state: 'healed', evidence: { fired: 0, unit: 'requests' } }), true);
        observer.ended(exampleFault({ id: '2-stall', state: 'heal-failed', error: 'no answer' }), false);
        throw new Interrupted('SIGINT');
      },
    });
    expect(stderr.split('\n')).toEqual([
      '00:00:00 1-s3-error is in force until 00:01:30',
      '00:00:00 1-s3-error is healed, its time is over: it never took effect: no request matched',
      '00:00:00 2-stall COULD NOT BE HEALED: no answer',
      '',
    ]);
  });

  it('ends with 2 when a part of it died, with 1 when something stays, with 3 when it cannot come up', async () => {
    const died = await runFake(['up'], { bringUp: async () => ({ died: 'MinIO ended (SIGKILL)' }) });
    expect(died).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('MinIO ended (SIGKILL); the rest was taken down'),
    });
    const interrupted = new Interrupted('SIGINT');
    interrupted.cause = new Error('1-stall could not be healed');
    const stays = await runFake(['up'], { bringUp: () => Promise.reject(interrupted) });
    expect(stays).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('1-stall could not be healed') });
    const not = await runFake(['up'], {
      bringUp: () => Promise.reject(Object.assign(new Error('no environment'), { remedy: 'install Go' })),
    });
    expect(not).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: 'tempo-s3-chaos: no environment\n  remedy: install Go\n',
    });
  });

  it.each(['Tempo', 'a', 'a.b', '-ab', 'ab-', 'x'.repeat(64), ''])('makes no bucket called %j', async (bucket) => {
    const { exitCode, stderr } = await runFake(['up', '--bucket', bucket]);
    expect(exitCode).toBe(3);
    expect(stderr).toContain(`--bucket "${bucket}" is no name of a bucket`);
  });
});

describe('inject', () => {
  const injecting = async (line: string, changed: Parameters<typeof fakeConnection>[0] = {}) => {
    const asked: unknown[] = [];
    const ups: unknown[] = [];
    const connection = fakeConnection(changed);
    const result = await runFake(line.split(' '), {
      connectUp: async (id) => {
        ups.push(id);
        return {
          ...connection,
          inject(request) {
            asked.push(request);
            return connection.inject(request);
          },
        };
      },
    });
    return { ...result, asked, ups };
  };

  it('takes the parameters of a fault as options, and prints the id alone', async () => {
    const line =
      'inject s3-error --code SlowDown --probability 0.5 --operations PutObject,UploadPart --retry-after 2 --for 30s';
    const { stdout, stderr, exitCode, asked } = await injecting(line);
    expect({ stdout, exitCode }).toEqual({ stdout: '1-s3-error\n', exitCode: 0 });
    expect(stderr).toContain('1-s3-error is in force for 30s on up 00000a');
    expect(asked).toEqual([
      {
        fault: 's3-error',
        with: { code: 'SlowDown', probability: 0.5, operations: ['PutObject', 'UploadPart'], retryAfter: 2 },
        for: '30s',
      },
    ]);
  });

  it.each(['inject --up 00000b --json s3-error --seed 7', 'inject s3-error --seed 7 --json --up 00000b'])(
    'takes its own options before the fault and behind it: %s',
    async (line) => {
      const { stdout, asked, ups } = await injecting(line);
      expect([asked, ups]).toEqual([[{ fault: 's3-error', with: {}, seed: 7 }], ['00000b']]);
      expect(JSON.parse(stdout)).toMatchObject({ id: '1-s3-error', state: 'in-force' });
    },
  );

  it('takes a parameter that is called as an option of its own is by another name', async () => {
    const { asked, ups } = await injecting('inject flapping --down 2s --with-up 5s --up 00000b');
    expect([asked, ups]).toEqual([[{ fault: 'flapping', with: { down: '2s', up: '5s' } }], ['00000b']]);
  });

  it.each([
    ['inject', 'inject needs the name of a fault', 'inject --help lists them'],
    ['inject s3-eror', 'there is no fault "s3-eror"', 'did you mean s3-error?'],
    ['inject --code SlowDown s3-error', "unknown option '--code'", '--help'],
    ['inject s3-error --cod SlowDown', "unknown option '--cod'", 'did you mean --code?'],
    ['inject s3-error --code', "option '--code <value>' argument missing", '--help'],
    ['inject s3-error SlowDown', 'too many arguments', '--help'],
    [
      'inject s3-error --probability 1.5',
      '--probability: 1.5: expected a probability of 1 at most',
      'inject s3-error --help',
    ],
    ['inject s3-error --probability often', '--probability: "often": expected a probability', 'inject s3-error --help'],
    ['inject s3-error --key (', '--key: "(" is not a regular expression', 'nothing was injected'],
    [
      'inject s3-error --operations PutObject,PutObjet',
      '--operations: "PutObjet" is none of those there are (did you mean PutObject?',
      '',
    ],
    ['inject s3-error --retry-after -1', '--retry-after: -1: expected 0 or more', ''],
    ['inject latency --latency -5s', '--latency: "-5s"', ''],
    ['inject latency', '--latency: it is missing: expected a duration', ''],
    ['inject disk-full', 'disk-full cannot be injected: it acts on the machine of a block writer of ours', 'run FILE'],
    ['inject dns-failure', '--mode: it is missing: expected one of servfail, ', ''],
    ['inject bandwidth --rate 0', '--rate: "0" is nothing at all: expected a rate over 0', ''],
    ['inject s3-error --for 0s', '--for: "0s" is nothing at all', ''],
    ['inject s3-error --seed x', '--seed "x" is no whole number', ''],
  ])('%s: refused before anybody is asked', async (line, problem, remedy) => {
    const { exitCode, stdout, stderr, asked, ups } = await injecting(line);
    expect({ exitCode, stdout, asked, ups }).toEqual({ exitCode: 3, stdout: '', asked: [], ups: [] });
    expect(stderr).toMatch(/^tempo-s3-chaos: /);
    expect(stderr).toContain(problem);
    expect(stderr.split('\n').at(-2)).toMatch(/^ {2}remedy: /);
    expect(stderr.split('\n').at(-2)).toContain(remedy);
  });

  it('refuses what the path refuses', async () => {
    const inject = () =>
      Promise.reject(new UpError('stall cannot be injected: 1-stall is in force', 'heal that one first'));
    expect(await injecting('inject s3-error', { inject })).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: 'tempo-s3-chaos: stall cannot be injected: 1-stall is in force\n  remedy: heal that one first\n',
    });
  });

  it('ends with 1 when a part of it stays in force', async () => {
    const inject = () => Promise.reject(new UpError('no answer', 'end up', [], ['1-s3-error']));
    const { exitCode, stderr } = await injecting('inject s3-error', { inject });
    expect([exitCode, stderr]).toEqual([
      1,
      'tempo-s3-chaos: no answer\n  still in force: 1-s3-error\n  remedy: end up\n',
    ]);
  });

  it('lists the faults that can be injected, and the options of one', async () => {
    const all = await runFake(['inject', '--help']);
    expect(all).toMatchObject({ exitCode: 0, stderr: '' });
    for (const { name, needs } of faults) {
      expect(new RegExp(`^ {2}${name} `, 'm').test(all.stdout), name).toBe(!needs?.includes('writers'));
    }
    for (const argv of [
      ['inject', 's3-error', '--help'],
      ['inject', '--help', 's3-error'],
    ]) {
      const one = await runFake(argv);
      expect(one).toMatchObject({ exitCode: 0, stderr: '' });
      for (const part of [
        'Usage: tempo-s3-chaos inject s3-error',
        '--retry-after <value>',
        '--for <duration>',
        'Example:',
      ]) {
        expect(one.stdout).toContain(part);
      }
    }
  });
});

describe('heal', () => {
  const healing = (line: string, changed: Parameters<typeof fakeConnection>[0] = {}) =>
    runFake(line.split(' '), { connectUp: async () => fakeConnection(changed) });

  it.each(['heal', 'heal 1-s3-error', 'heal --all'])('%s: tells what it did', async (line) => {
    expect(await healing(line)).toMatchObject({
      exitCode: 0,
      stdout: '1-s3-error is healed: 12 requests (considered 40)\n',
      stderr: '',
    });
  });

  it('says loudly, and with exit code 2, that a fault never took effect', async () => {
    const heal = async () => exampleFault({ state: 'healed', evidence: { fired: 0, unit: 'requests' } });
    expect(await healing('heal', { heal })).toMatchObject({
      exitCode: 2,
      stdout: '1-s3-error is healed: IT NEVER TOOK EFFECT: no request matched\n',
    });
  });

  it('prints JSON', async () => {
    const { stdout } = await healing('heal --json');
    expect(JSON.parse(stdout)).toMatchObject({
      format: 1,
      healed: [{ id: '1-s3-error', state: 'healed', evidence: { fired: 12 } }],
    });
  });

  it('ends with 1, and says what is in force still, when it could not', async () => {
    const heal = () =>
      Promise.reject(new UpError('1-stall could not be healed: no answer', 'try again', [], ['Toxiproxy: 1-stall']));
    expect(await healing('heal 1-stall', { heal })).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr:
        'tempo-s3-chaos: 1-stall could not be healed: no answer\n  still in force: Toxiproxy: 1-stall\n  remedy: try again\n',
    });
  });

  it('asks which one, when there are several, and says when there is none', async () => {
    const two = async () => ({ inForce: [exampleFault(), exampleFault({ id: '2-stall' })], healed: [] });
    const several = await healing('heal', { faults: two });
    expect(several).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('name one, or give --all: 1-s3-error, 2-stall'),
    });
    const none = await healing('heal', { faults: async () => ({ inForce: [], healed: [] }) });
    expect(none).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nothing is in force') });
    const all = await healing('heal --all', { healAll: async () => ({ healed: [] }) });
    expect(all).toMatchObject({ exitCode: 0, stdout: 'nothing was in force\n' });
    expect(await healing('heal 1-stall --all')).toMatchObject({ exitCode: 3 });
  });
});

describe('status', () => {
  it('tells what is in force, for people and for machines', async () => {
    const { stdout, exitCode } = await runFake(['status']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^in force\n {2}1-s3-error {2}for 0s {2}12 requests/m);
    expect(JSON.parse((await runFake(['status', '--json'])).stdout)).toMatchObject({
      format: 1,
      path: { id: '00000a' },
      inForce: [{ id: '1-s3-error' }],
      healed: [],
    });
  });
});

it.each(['inject s3-error', 'heal', 'status'])('%s says so when nothing is up', async (line) => {
  const connectUp = () => Promise.reject(new UpError('nothing is up', 'bring a path up'));
  expect(await runFake(line.split(' '), { connectUp })).toMatchObject({
    exitCode: 3,
    stdout: '',
    stderr: 'tempo-s3-chaos: nothing is up\n  remedy: bring a path up\n',
  });
});

describe('list FAULT', () => {
  it('shows one fault, for people and for machines', async () => {
    expect((await runFake(['list', 's3-error'])).stdout).toMatch(/^s3-error \(s3\)\n/);
    const one = JSON.parse((await runFake(['list', 's3-error', '--json'])).stdout);
    expect(one).toMatchObject({
      name: 's3-error',
      parameters: { type: 'object', properties: { probability: { type: 'number' } } },
    });
    const all = JSON.parse((await runFake(['list', '--json'])).stdout) as { faults: { name: string }[] };
    expect(all.faults.find(({ name }) => name === 's3-error')).toEqual(one);
    expect(all.faults).toHaveLength(faults.length);
  });
});
