import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { identify, type ProcessIdentity, processIdSpace, stillRuns } from './process-identity.ts';
import type { RunRecord } from './run-record.ts';
import { sweep } from './sweep.ts';

let state: string;
let children: ChildProcess[];
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'sweep-'));
  children = [];
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

/** A child of this process, detached as the programs of an environment are. */
function sleeper(): ProcessIdentity {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  children.push(child);
  return identify(child.pid as number) as ProcessIdentity;
}

async function killed(): Promise<ProcessIdentity> {
  const identity = sleeper();
  const child = children.at(-1) as ChildProcess;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return identity;
}

function leave(id: string, record: Partial<RunRecord> & { owner: ProcessIdentity }): string {
  const folder = join(state, 'runs', id);
  mkdirSync(join(folder, 'disk'), { recursive: true });
  writeFileSync(join(folder, 'disk', 'block'), 'bytes');
  const whole: RunRecord = { processIdSpace: processIdSpace(), processes: [], containers: 0, ...record };
  writeFileSync(`${folder}.json`, JSON.stringify(whole));
  return folder;
}

const names = () => readdirSync(join(state, 'runs')).sort();

test('what a killed run has left is ended and removed', async () => {
  const server = sleeper();
  leave('aaaaaaaaaaaa', { owner: await killed(), processes: [{ ...server, name: 'minio' }] });
  expect(await sweep(() => {})).toEqual([{ id: 'aaaaaaaaaaaa', processes: ['minio'], containers: false }]);
  expect(stillRuns(server)).toBe(false);
  expect(names()).toEqual([]);
});

test('what belongs to a live run is not touched', async () => {
  const server = sleeper();
  const folder = leave('aaaaaaaaaaaa', { owner: sleeper(), processes: [{ ...server, name: 'minio' }] });
  expect(await sweep(() => {})).toEqual([]);
  expect(stillRuns(server)).toBe(true);
  expect(existsSync(join(folder, 'disk', 'block'))).toBe(true);
  expect(names()).toEqual(['aaaaaaaaaaaa', 'aaaaaaaaaaaa.json']);
});

test('an owner whose id another process has now is dead', async () => {
  const { pid } = sleeper();
  leave('aaaaaaaaaaaa', { owner: { pid, startedAt: '1' } });
  expect(await sweep(() => {})).toHaveLength(1);
  expect(names()).toEqual([]);
});

test('a process that has the id of an ended one of the run is not killed', async () => {
  const stranger = sleeper();
  leave('aaaaaaaaaaaa', { owner: await killed(), processes: [{ pid: stranger.pid, startedAt: '1', name: 'minio' }] });
  expect(await sweep(() => {})).toEqual([{ id: 'aaaaaaaaaaaa', processes: [], containers: false }]);
  expect(stillRuns(stranger)).toBe(true);
});

test('a run of another container of this machine cannot be judged, and is left alone', async () => {
  const space = { boot: processIdSpace().boot, namespace: 'pid:[1]' };
  leave('aaaaaaaaaaaa', { owner: await killed(), processIdSpace: space });
  expect(await sweep(() => {})).toEqual([]);
  expect(names()).toEqual(['aaaaaaaaaaaa', 'aaaaaaaaaaaa.json']);
});

test('after a restart of the machine, folders are removed, and nobody is killed', async () => {
  const stranger = sleeper();
  leave('aaaaaaaaaaaa', {
    // Both by chance have the id and the time of what ran before.
    owner: sleeper(),
    processes: [{ ...stranger, name: 'minio' }],
    processIdSpace: { boot: 'an earlier one', namespace: processIdSpace().namespace },
  });
  expect(await sweep(() => {})).toEqual([{ id: 'aaaaaaaaaaaa', processes: [], containers: false }]);
  expect(stillRuns(stranger)).toBe(true);
  expect(names()).toEqual([]);
});

test('a damaged record is told and left, and does not keep the others from being swept', async () => {
  leave('bbbbbbbbbbbb', { owner: await killed() });
  writeFileSync(join(state, 'runs', 'aaaaaaaaaaaa.json'), '{"owner"');
  writeFileSync(join(state, 'runs', 'notes.json'), 'not of ours');
  const lines: string[] = [];
  expect(await sweep((line) => lines.push(line))).toHaveLength(1);
  expect(names()).toEqual(['aaaaaaaaaaaa.json', 'notes.json']);
  expect(lines.filter((line) => line.startsWith('could not remove'))).toHaveLength(1);
});

test('two sweeps at once do no harm', async () => {
  const servers: ProcessIdentity[] = [];
  const owner = await killed();
  for (const digit of '0123456789') {
    const server = sleeper();
    servers.push(server);
    leave(digit.repeat(12), { owner, processes: [{ ...server, name: 'minio' }] });
  }
  const lines: string[] = [];
  await Promise.all([sweep((line) => lines.push(line)), sweep((line) => lines.push(line))]);
  expect(servers.filter(stillRuns)).toEqual([]);
  expect(names()).toEqual([]);
  expect(lines.filter((line) => line.startsWith('could not'))).toEqual([]);
});
