import { CommanderError } from 'commander';
import { expect, it } from 'vitest';
import { EnvironmentError } from '../environment/environment.ts';
import { ScenarioError } from '../scenario/scenario-error.ts';
import { ConfigError } from '../tempo/config-error.ts';
import { describeFailure } from './failure.ts';
import { Interrupted } from './interruption.ts';

it('gives the message and the remedy of an error that has one', () => {
  expect(describeFailure(new EnvironmentError('no Go toolchain', 'install Go 1.24'), {})).toEqual({
    text: 'tempo-s3-chaos: no Go toolchain\n  remedy: install Go 1.24\n',
    exitCode: 3,
  });
});

it('gives every problem of a config', () => {
  const problem = { file: 'tempo.yaml', line: 3, column: 5, key: 'ingester.flush_op_timeout' };
  const error = new ConfigError([
    { ...problem, message: '"-5m" is negative', remedy: 'Write one such as 5m.' },
    { ...problem, line: 4, message: '"x" is no duration', remedy: 'Write one such as 5m.' },
  ]);
  expect(describeFailure(error, {})).toEqual({
    text: [
      'tempo-s3-chaos: the config cannot be used',
      'tempo.yaml:3:5: ingester.flush_op_timeout: "-5m" is negative. Write one such as 5m.',
      'tempo.yaml:4:5: ingester.flush_op_timeout: "x" is no duration. Write one such as 5m.',
      '',
    ].join('\n'),
    exitCode: 3,
  });
});

it('gives every problem of a scenario, and one remedy for those that have none', () => {
  const told = { where: 'mine.yaml:3:1', message: 'there is no key "lod" here', remedy: 'did you mean load?' };
  const first =
    'tempo-s3-chaos: the scenario cannot be run\nmine.yaml:3:1: there is no key "lod" here (did you mean load?)\n';
  expect(describeFailure(new ScenarioError([told]), {})).toEqual({ text: first, exitCode: 3 });
  const bare = { where: 'mine.yaml:1:1', message: 'about is missing' };
  expect(describeFailure(new ScenarioError([told, bare]), {}).text).toBe(
    `${first}mine.yaml:1:1: about is missing\n  remedy: README.md shows what a scenario holds\n`,
  );
});

it('tells what commander found, and what was probably meant', () => {
  const text = (message: string) => describeFailure(new CommanderError(1, 'commander.unknownOption', message), {}).text;
  expect(text("error: unknown option '--sed'\n(Did you mean --seed?)")).toBe(
    "tempo-s3-chaos: unknown option '--sed'\n  remedy: did you mean --seed? --help shows what is valid\n",
  );
  expect(text('error: missing required argument')).toBe(
    'tempo-s3-chaos: missing required argument\n  remedy: --help shows what is valid\n',
  );
});

it('shows no stack unless it is asked for', () => {
  const error = new TypeError('x is not a function');
  const plain = describeFailure(error, {});
  expect(plain.exitCode).toBe(3);
  expect(plain.text).toMatch(
    /^tempo-s3-chaos: unexpected error: x is not a function\n {2}remedy: set TEMPO_S3_CHAOS_DEBUG=1/,
  );
  expect(plain.text).not.toContain('failure.test.ts');
  expect(describeFailure(error, { TEMPO_S3_CHAOS_DEBUG: '1' }).text).toContain('failure.test.ts');
});

it('survives whatever was thrown', () => {
  for (const thrown of [undefined, null, 'text', 7, {}, new Error('')]) {
    expect(describeFailure(thrown, {})).toMatchObject({
      exitCode: 3,
      text: expect.stringContaining('unexpected error: '),
    });
  }
});

it('names an error that has no message', () => {
  expect(describeFailure(new RangeError(''), {}).text).toContain('unexpected error: RangeError');
});

it('tells whether an interrupted run could be taken down', () => {
  const interrupted = new Interrupted('SIGTERM');
  expect(describeFailure(interrupted, {})).toEqual({
    text: 'tempo-s3-chaos: interrupted by SIGTERM; everything was taken down\n',
    exitCode: 130,
  });
  interrupted.cause = new Error('MinIO does not end');
  expect(describeFailure(interrupted, {}).text).toContain('taking down failed: MinIO does not end');
});
