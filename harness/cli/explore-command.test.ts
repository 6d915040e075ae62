import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExploreOptions } from '../explore/explore.ts';
import { ExploreError } from '../explore/explore-error.ts';
import { packageRoot } from '../process/child.ts';
import { exampleExploration, exampleFinding } from '../report/example-exploration.ts';
import { ConfigError } from '../tempo/config-error.ts';
import { fakeExploration, runFake } from './fake-harness.ts';
import type { HarnessParts } from './harness-parts.ts';
import { Interrupted } from './interruption.ts';

/** Runs the command; with what the harness was asked. */
async function explored(
  argv: string,
  explore: HarnessParts['explore'] = async (...one) => fakeExploration(one[0], one[1]),
) {
  const asked: ExploreOptions[] = [];
  const result = await runFake(['explore', ...argv.split(' ').filter(Boolean)], {
    explore: (options, ...rest) => {
      asked.push(options);
      return explore(options, ...rest);
    },
  });
  return { ...result, asked };
}

describe('explore', () => {
  it('draws 50 timelines from a seed of its own, and runs them through minio, unless told otherwise', async () => {
    const { asked, exitCode, stderr } = await explored('');
    expect(exitCode).toBe(0);
    expect(asked).toEqual([
      {
        clients: ['minio'],
        set: [],
        environment: 'auto',
        out: 'chaos-results',
        seed: expect.any(Number),
        runs: 50,
        intensity: 'usual',
      },
    ]);
    expect(stderr).toContain(`seed ${asked[0]?.seed}: 50 timelines`);
    expect((await explored('')).asked[0]?.seed).not.toBe(asked[0]?.seed);
  });

  it('passes every option on', async () => {
    const { asked } = await explored(
      '--seed 7 --runs 3 --config t.yaml --client both --tempo-version 3.0 --set a=1 --set b=2 --environment docker --out o --at-once 2 --faults s3-error,latency,s3-error --intensity harsh',
    );
    expect(asked).toEqual([
      {
        clients: ['aws-sdk', 'minio'],
        config: 't.yaml',
        tempoVersion: '3.0',
        set: ['a=1', 'b=2'],
        environment: 'docker',
        seed: 7,
        out: 'o',
        atOnce: 2,
        runs: 3,
        intensity: 'harsh',
        faults: ['s3-error', 'latency'],
      },
    ]);
  });

  it('prints the result to standard output, the progress to standard error', async () => {
    const { stdout, stderr } = await explored('--seed 7 --runs 1');
    expect(stdout).toMatch(/^fault .*\n/);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^pass: 1 timeline of seed 7/);
    expect(stderr).toBe('seed 7: 1 timeline\nenvironment: native (cache)\n');
  });

  it('prints exactly one JSON document with --json', async () => {
    const { stdout } = await explored('--seed 7 --json');
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'pass', seed: 7, findings: [] });
  });

  it.each([
    ['fail', 1],
    ['inconclusive', 2],
  ] as const)('ends with the exit code of one that is %s', async (verdict, exitCode) => {
    const findings = verdict === 'fail' ? [exampleFinding()] : [];
    const result = await explored('', async () => exampleExploration({ verdict, exitCode, findings }));
    expect(result.exitCode).toBe(exitCode);
  });

  it('says what was done so far when it is stopped, and writes no result', async () => {
    const { exitCode, stdout, stderr } = await explored('--seed 7', async (_, observer) => {
      observer.progressed({
        done: 12,
        of: 50,
        passed: 10,
        inconclusive: 1,
        failed: ['explored-7-3 (minio): durability'],
        written: ['out/explored-7-3.yaml'],
      });
      throw new Interrupted('SIGINT');
    });
    expect(exitCode).toBe(130);
    expect(stdout).toBe('');
    expect(stderr).toContain(
      'stopped after 12 of 50 (seed 7): 10 passed, 1 inconclusive, 1 failed: explored-7-3 (minio): durability; written: out/explored-7-3.yaml\n',
    );
    expect(stderr).toContain('everything was taken down');
  });
});

describe('what cannot be explored', () => {
  it.each([
    ['--runs 0', '--runs "0" is no whole number from 1 to 10000'],
    ['--runs 1e9', '--runs "1e9" is no whole number from 1 to 10000'],
    ['--runs 1000000000', '--runs "1000000000" is no whole number from 1 to 10000'],
    ['--faults s3-eror', 'there is no fault "s3-eror"\n  remedy: did you mean s3-error?'],
    ['--faults latency,', 'there is no fault ""'],
    ['--intensity awful', 'there is no intensity "awful"'],
    ['--seed -1', '--seed "-1" is no whole number'],
    ['--client java', 'there is no client "java"'],
    ['some-scenario', 'too many arguments'],
  ])('%s is refused before anything is started', async (argv, message) => {
    const { exitCode, stdout, stderr, asked } = await explored(argv);
    expect({ exitCode, stdout, asked }).toEqual({ exitCode: 3, stdout: '', asked: [] });
    expect(stderr).toContain(message);
    expect(stderr).toContain('remedy:');
  });

  it.each([
    [new ConfigError([{ file: 't.yaml:3', message: 'it is no duration', remedy: 'Write 5m.' }]), 't.yaml:3'],
    [new ExploreError('none of the faults can be drawn', 'name others'), 'remedy: name others'],
  ])('a config that cannot be used is told of: %s', async (error, message) => {
    const { exitCode, stderr } = await explored('--seed 7', async () => {
      throw error;
    });
    expect(exitCode).toBe(3);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('stopped after');
  });
});

it('takes the commands that its page shows', async () => {
  const page = await readFile(join(packageRoot, 'docs', 'explore.md'), 'utf8');
  const commands = [...page.matchAll(/^(?:\$ )?npx tempo-s3-chaos (explore .*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(1);
  for (const command of commands) {
    expect((await explored(command.replace(/^explore /, ''))).exitCode, command).toBe(0);
  }
});
