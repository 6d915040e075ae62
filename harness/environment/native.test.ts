import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'minio';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { realClock } from '../clock.ts';
import type { StartedEnvironment } from './environment.ts';
import { exampleRun } from './example-environment.ts';
import { native } from './native.ts';
import { stillRuns } from './process-identity.ts';
import type { Register } from './register.ts';
import { readRecord } from './run-record.ts';

let state: string;
let register: Register;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ state, register, close } = await exampleRun());
});
afterEach(async () => {
  await close();
});

const start = () => native.start(() => {}, register);
const programs = () => readRecord(register.id).processes;

function client(environment: StartedEnvironment, region: string, secretKey?: string): Client {
  const { host, port, credentials } = environment.minio;
  return new Client({
    endPoint: host,
    port,
    useSSL: false,
    region,
    accessKey: credentials.accessKeyId,
    secretKey: secretKey ?? credentials.secretAccessKey,
  });
}

test('MinIO and Toxiproxy come up, are entered, and go down without a trace', async () => {
  // A user's own settings of MinIO must not reach ours.
  vi.stubEnv('MINIO_REGION', 'eu-central-1');
  const environment = await start();
  const entered = programs();
  expect(entered.map(({ name }) => name).sort()).toEqual(['minio', 'toxiproxy-server']);

  const oregon = client(environment, 'us-west-2');
  await oregon.makeBucket('blocks', 'us-west-2');
  await oregon.putObject('blocks', 'meta.json', '{}');
  expect((await client(environment, 'eu-west-1').statObject('blocks', 'meta.json')).size).toBe(2);
  await expect(client(environment, 'us-west-2', 'guessed').listBuckets()).rejects.toThrow(/signature/);
  const { host, port } = environment.toxiproxy;
  expect(await (await fetch(`http://${host}:${port}/proxies`)).json()).toEqual({});

  await environment[Symbol.asyncDispose]();
  expect(entered.filter(stillRuns)).toEqual([]);
  expect(programs()).toEqual([]);
  expect(readdirSync(join(state, 'runs', register.id))).toEqual([]);
  // Ended because it was asked to: that is no death.
  expect(await Promise.race([environment.died, realClock.sleep(50).then(() => 'nothing died')])).toBe('nothing died');
});

test.runIf(process.platform === 'linux')('both listen on loopback, and nowhere else', async () => {
  await using environment = await start();
  const addresses = programs().flatMap(({ pid }) => listeningAddresses(pid));
  expect(addresses).toContain(`0100007F:${hexPort(environment.minio.port)}`);
  expect(addresses).toContain(`0100007F:${hexPort(environment.toxiproxy.port)}`);
  const loopback = ['0100007F', '00000000000000000000000001000000'];
  expect(addresses.filter((address) => !loopback.includes(address.split(':')[0] as string))).toEqual([]);
});

test.each(['minio', 'toxiproxy-server'])(
  'a killed %s is a death, and the other one is still taken down',
  async (name) => {
    const environment = await start();
    const entered = programs();
    process.kill(entered.find((entry) => entry.name === name)?.pid as number, 'SIGKILL');
    expect(await environment.died).toMatch(
      name === 'minio' ? /^MinIO ended by SIGKILL/ : /^Toxiproxy ended by SIGKILL/,
    );
    await environment[Symbol.asyncDispose]();
    expect(entered.filter(stillRuns)).toEqual([]);
  },
);

test('each start has credentials and ports of its own', async () => {
  await using first = await start();
  await using second = await start();
  expect(first.minio.credentials).not.toEqual(second.minio.credentials);
  expect(new Set([first.minio.port, second.minio.port, first.toxiproxy.port, second.toxiproxy.port]).size).toBe(4);
});

test('the diagnosis names the programs that would be taken, or tells what to install', async () => {
  expect(await native.diagnose()).toMatchObject({ works: true, detail: expect.stringMatching(/MinIO: .*Toxiproxy: /) });
  const empty = join(state, 'empty');
  vi.stubEnv('TEMPO_S3_CHAOS_CACHE', empty);
  vi.stubEnv('PATH', empty);
  expect(await native.diagnose()).toEqual({
    works: false,
    problem:
      'minio and toxiproxy-server: neither on PATH nor in the cache, and there is no Go on PATH to build it with',
    remedy: expect.stringMatching(/^install Go 1\.25\.0 or later .* or put minio and toxiproxy-server on PATH$/),
  });
  expect(existsSync(empty)).toBe(false);
});

const hexPort = (port: number) => port.toString(16).toUpperCase().padStart(4, '0');

/** The local addresses of a process's listening sockets, as /proc/net/tcp writes them. See proc(5). */
function listeningAddresses(pid: number): string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).match(/^socket:\[(\d+)\]$/)?.[1] ?? [];
    } catch {
      return [];
    }
  });
  return ['tcp', 'tcp6'].flatMap((protocol) =>
    readFileSync(`/proc/${pid}/net/${protocol}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === '0A' && sockets.includes(fields[9] as string))
      .map((fields) => fields[1] as string),
  );
}
