import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { EnvironmentError } from './environment.ts';
import { identify, stillRuns } from './process-identity.ts';
import { openRegister } from './register.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'register-'));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

const record = (id: string) => JSON.parse(readFileSync(join(state, 'runs', `${id}.json`), 'utf8'));

test('the record tells who runs, and what was started and has not ended', async () => {
  const register = await openRegister(() => {});
  expect(record(register.id)).toMatchObject({ owner: identify(process.pid), processes: [], containers: 0 });

  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  register.enterProcess(child.pid as number, 'a sleeper');
  expect(record(register.id).processes).toEqual([{ ...identify(child.pid as number), name: 'a sleeper' }]);
  child.kill();
  await once(child, 'exit');
  register.leaveProcess(child.pid as number);
  expect(record(register.id).processes).toEqual([]);

  expect(register.enterContainers()).toEqual({ 'io.github.tempo-s3-chaos.run': register.id });
  expect(record(register.id).containers).toBe(1);
  register.leaveContainers();
  expect(record(register.id).containers).toBe(0);
  await register.close();
});

test.each(['close', 'closeNow'] as const)('%s ends what still runs, and leaves nothing on the disk', async (close) => {
  const register = await openRegister(() => {});
  const folder = register.newFolder('disk');
  expect(folder).not.toBe(register.newFolder('disk'));
  writeFileSync(join(folder, 'block'), 'bytes');
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  const exited = once(child, 'exit');
  register.enterProcess(child.pid as number, 'a sleeper');

  await register[close]();
  expect((await exited)[1]).toBe('SIGKILL');
  expect(readdirSync(join(state, 'runs'))).toEqual([]);
  await register[close]();
});

test('a process that has ended before it could be entered is no error, and is not in the record', async () => {
  const child = spawn('true', { stdio: 'ignore' });
  await once(child, 'exit');
  await using register = await openRegister(() => {});
  register.enterProcess(child.pid as number, 'a short one');
  expect(record(register.id).processes).toEqual([]);
});

test('two runs of one machine have folders of their own', async () => {
  await using first = await openRegister(() => {});
  await using second = await openRegister(() => {});
  const kept = first.newFolder('disk');
  await second.close();
  expect(existsSync(kept)).toBe(true);
});

test('a state folder that cannot be written is told, with the remedy', async () => {
  const file = join(state, 'file');
  writeFileSync(file, '');
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', file);
  const error = await openRegister(() => {}).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(EnvironmentError);
  expect(error.message).toContain(file);
  expect(error.remedy).toContain('TEMPO_S3_CHAOS_STATE');
});

test('a state folder of another user is refused', async () => {
  // Without the right to give a folder away, pretend to be somebody else.
  vi.spyOn(process, 'getuid').mockReturnValue(4711);
  await expect(openRegister(() => {})).rejects.toThrow(/belongs to another user/);
  vi.restoreAllMocks();
});

test('opening the register sweeps first', async () => {
  const killed = await openRegister(() => {});
  const left = killed.newFolder('disk');
  const content = record(killed.id);
  writeFileSync(
    join(state, 'runs', `${killed.id}.json`),
    JSON.stringify({ ...content, owner: { ...content.owner, startedAt: '1' } }),
  );
  const lines: string[] = [];
  await using register = await openRegister((line) => lines.push(line));
  expect(existsSync(left)).toBe(false);
  expect(lines).toEqual([`removing what the killed run ${killed.id} has left behind`]);
  expect(readdirSync(join(state, 'runs'))).toEqual([`${register.id}.json`]);
  expect(stillRuns(content.owner)).toBe(true);
});

test('after the close nothing can be entered, and what ends late does not bring the record back', async () => {
  const register = await openRegister(() => {});
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  register.enterProcess(child.pid as number, 'a sleeper');
  const exited = once(child, 'exit');
  await register.close();
  await exited;
  register.leaveProcess(child.pid as number);
  expect(() => register.enterProcess(process.pid, 'late')).toThrow('the run is over: the process late comes too late');
  expect(() => register.newFolder('late')).toThrow(EnvironmentError);
  expect(() => register.enterContainers()).toThrow(EnvironmentError);
  expect(readdirSync(join(state, 'runs'))).toEqual([]);
});
