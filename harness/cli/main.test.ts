import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { packageRoot } from '../process/child.ts';

const bin = join(packageRoot, 'bin', 'tempo-s3-chaos.js');

/** The real program in a process of its own, with pipes for its output. */
async function tempoS3Chaos(...argv: string[]) {
  const child = spawn(process.execPath, [bin, ...argv], { stdio: ['ignore', 'pipe', 'pipe'], cwd: packageRoot });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { stdout, stderr, exitCode };
}

it('shows its help', async () => {
  const { stdout, stderr, exitCode } = await tempoS3Chaos('--help');
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(stdout).toContain('tempo-s3-chaos run --config tempo.yaml');
});

it('refuses a wrong option without a stack trace', async () => {
  expect(await tempoS3Chaos('run', '--sed', '3')).toEqual({
    stdout: '',
    stderr: expect.stringMatching(/^tempo-s3-chaos: unknown option '--sed'\n {2}remedy: .*\n$/),
    exitCode: 3,
  });
});

it('refuses a scenario that is not there, and a config that is not there, before it starts anything', async () => {
  const scenario = await tempoS3Chaos('run', 'no-such-scenario');
  expect(scenario).toMatchObject({ stdout: '', exitCode: 3 });
  expect(scenario.stderr).toContain('no-such-scenario: there is no scenario of this name');
  const config = await tempoS3Chaos('compare', 'no-such-file.yaml', 'no-such-file.yaml');
  expect(config).toMatchObject({ stdout: '', exitCode: 3 });
  expect(config.stderr).toContain('no-such-file.yaml: there is no such file');
  expect(config.stderr).not.toMatch(/^ +at /m);
});

it('lists what ships as one JSON document', async () => {
  const { stdout, exitCode } = await tempoS3Chaos('list', '--json');
  const { faults } = JSON.parse(stdout) as { faults: { name: string }[] };
  expect(exitCode).toBe(0);
  expect(faults.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['latency', 'bandwidth', 'dns-failure', 's3-error']),
  );
});

it('checks a config, and keeps its secrets', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tempo-s3-chaos-check-'));
  try {
    const file = join(folder, 'tempo.yaml');
    await writeFile(
      file,
      'storage: {trace: {s3: {bucket: tempo, secret_key: hunter2}}}\ningester: {flush_op_timeout: 1m}\n',
    );
    const { stdout, stderr, exitCode } = await tempoS3Chaos('check', file);
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(stdout).toMatch(/^ingester\.flush_op_timeout +1m +5m$/m);
    expect(stdout).not.toContain('hunter2');
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('takes a reader that goes away for no failure', async () => {
  const child = spawn(process.execPath, [bin, 'run', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  const [stderr, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
});

it.runIf(existsSync('/dev/full'))('fails when its result could not be written', async () => {
  const full = await open('/dev/full', 'w');
  try {
    const child = spawn(process.execPath, [bin, 'list'], { stdio: ['ignore', full.fd, 'pipe'] });
    const [stderr, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^tempo-s3-chaos: standard output took no result: ENOSPC/);
  } finally {
    await full.close();
  }
});
