import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { docker } from './docker.ts';
import { startContainer } from './docker-container.ts';
import { findEngine } from './docker-engine.ts';
import { findImage } from './docker-image.ts';
import { EnvironmentError } from './environment.ts';
import { toxiproxy } from './programs.ts';
import { openRegister, type Register } from './register.ts';
import { RUN_LABEL } from './run-record.ts';
import { saysPortTaken } from './start-answering.ts';
import { sweep } from './sweep.ts';

const engine = await findEngine();

// In CI, where nothing may be skipped, a machine without an engine is a failure.
if (process.env.CI) {
  test('the machine of the CI has an engine', () => {
    expect(engine).toHaveProperty('client');
  });
}

test('an engine of another machine is refused', async () => {
  vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:2375');
  expect(await findEngine()).toMatchObject({
    problem: expect.stringContaining('192.0.2.1'),
    remedy: expect.stringContaining('unset DOCKER_HOST'),
  });
  vi.unstubAllEnvs();
});

test('without a usable engine, the start says the one thing to do', async () => {
  if (!('problem' in engine)) vi.stubEnv('DOCKER_HOST', 'tcp://192.0.2.1:2375');
  const error = await docker.start(() => {}, {} as Register).catch((reason) => reason);
  vi.unstubAllEnvs();
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.remedy).toMatch(/^(sudo|use|unset) /);
});

// At a desk without an engine there is nothing to test with.
describe.skipIf('problem' in engine && !process.env.CI)('with an engine', () => {
  const client = 'client' in engine ? engine.client : (undefined as never);
  let state: string;
  let register: Register;
  beforeEach(async () => {
    state = mkdtempSync(join(tmpdir(), 'docker-'));
    vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
    register = await openRegister(() => {});
  });
  afterEach(async () => {
    await register.close();
    vi.unstubAllEnvs();
    rmSync(state, { recursive: true, force: true });
  });

  const containers = () =>
    client.container.dockerode.listContainers({ all: true, filters: { label: [`${RUN_LABEL}=${register.id}`] } });
  const volumes = async () => (await client.container.dockerode.listVolumes()).Volumes.map(({ Name }) => Name);

  test('MinIO and Toxiproxy come up with the run’s label, and go down without a trace', async () => {
    const before = await volumes();
    const environment = await docker.start(() => {}, register);
    expect((await containers()).map(({ Image }) => Image.split(':')[0]).sort()).toEqual([
      'tempo-s3-chaos/minio',
      'tempo-s3-chaos/toxiproxy-server',
    ]);
    expect((await containers()).map(({ HostConfig }) => HostConfig.NetworkMode)).toEqual(['host', 'host']);
    const { host, port } = environment.toxiproxy;
    expect(await (await fetch(`http://${host}:${port}/proxies`)).json()).toEqual({});
    await environment[Symbol.asyncDispose]();
    expect(await containers()).toEqual([]);
    expect((await volumes()).filter((name) => !before.includes(name))).toEqual([]);
  });

  test('images are built once', async () => {
    await (await docker.start(() => {}, register))[Symbol.asyncDispose]();
    const lines: string[] = [];
    await (await docker.start((line) => lines.push(line), register))[Symbol.asyncDispose]();
    expect(lines).toEqual(['docker environment: starting the containers of MinIO and Toxiproxy']);
  });

  test('a killed container is a death, and its last words are told', async () => {
    await using environment = await docker.start(() => {}, register);
    const minio = (await containers()).find(({ Image }) => Image.includes('minio'))?.Id as string;
    await client.container.dockerode.getContainer(minio).kill();
    expect(await environment.died).toMatch(/^MinIO ended with code 137/);
  });

  test('a container that cannot have its port says so', async () => {
    const image = await findImage(toxiproxy, client, () => {}, register);
    const { labels, args } = { labels: register.enterContainers(), args: ['-host', '127.0.0.1', '-port'] };
    await using environment = await docker.start(() => {}, register);
    const second = await startContainer(client, image, [...args, String(environment.toxiproxy.port)], {}, labels);
    await expect.poll(() => saysPortTaken(second)).toBe(true);
    await second.stop();
    await second.stop();
    register.leaveContainers();
  });

  test('an image that the user names is taken, and one that there is not is told', async () => {
    const image = await findImage(toxiproxy, client, () => {}, register);
    vi.stubEnv('TEMPO_S3_CHAOS_TOXIPROXY_IMAGE', image);
    await using environment = await docker.start(() => {}, register);
    expect(environment.origin).toBe('images');
    vi.stubEnv('TEMPO_S3_CHAOS_TOXIPROXY_IMAGE', '127.0.0.1:1/no-such-image:1');
    const error = await docker.start(() => {}, register).catch((reason) => reason);
    expect(error).toBeInstanceOf(EnvironmentError);
    expect(error.message).toContain('127.0.0.1:1/no-such-image:1');
    // The MinIO that had come up beside it has gone again.
    expect(await containers()).toHaveLength(2);
  });

  test.each(['sweep', 'closeNow'] as const)(
    '%s removes the containers of a run that could not do it itself',
    async (way) => {
      await docker.start(() => {}, register);
      expect(await containers()).toHaveLength(2);
      if (way === 'closeNow') register.closeNow();
      else {
        const file = join(state, 'runs', `${register.id}.json`);
        const record = JSON.parse(readFileSync(file, 'utf8'));
        writeFileSync(file, JSON.stringify({ ...record, owner: { ...record.owner, startedAt: '1' } }));
        expect(await sweep(() => {})).toEqual([{ id: register.id, processes: [], containers: true }]);
      }
      expect(await containers()).toEqual([]);
      expect(readdirSync(join(state, 'runs'))).toEqual([]);
    },
  );
});
