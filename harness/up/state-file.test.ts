import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { identify } from '../environment/process-identity.ts';
import { newId, removeState, runningUps, stateFile, type UpState, writeState } from './state-file.ts';

let state: string;
beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'up-state-'));
  vi.stubEnv('TEMPO_S3_CHAOS_STATE', state);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(state, { recursive: true, force: true });
});

const control = { port: 4711, token: 'secret' };

/** As another process would have left it. */
function leave(id: string, change: (state: UpState) => void): void {
  writeState(id, control);
  const left = JSON.parse(readFileSync(stateFile(id), 'utf8')) as UpState;
  change(left);
  writeFileSync(stateFile(id), JSON.stringify(left));
}

it('is found while its process runs, and not after its end', () => {
  expect(runningUps()).toEqual([]);
  writeState('00000a', control);
  writeState('00000b', { port: 4712, token: 'other' });
  expect(runningUps().map(({ id, control }) => [id, control.port])).toEqual([
    ['00000a', 4711],
    ['00000b', 4712],
  ]);
  removeState('00000a');
  expect(runningUps().map(({ id }) => id)).toEqual(['00000b']);
});

it('is for its user alone', () => {
  writeState('00000a', control);
  expect(statSync(stateFile('00000a')).mode & 0o777).toBe(0o600);
  expect(statSync(join(state, 'up')).mode & 0o777).toBe(0o700);
  expect(readdirSync(join(state, 'up'))).toEqual(['00000a.json']);
});

it('of a process that was killed is stale, and is removed', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  await once(child, 'spawn');
  const owner = identify(child.pid as number);
  leave('00000a', (left) => {
    left.owner = owner as UpState['owner'];
  });
  expect(runningUps().map(({ id }) => id)).toEqual(['00000a']);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(runningUps()).toEqual([]);
  expect(existsSync(stateFile('00000a'))).toBe(false);
});

it('of another process that has the same number now is stale', () => {
  leave('00000a', (left) => {
    left.owner.startedAt = '1';
  });
  expect(runningUps()).toEqual([]);
  expect(existsSync(stateFile('00000a'))).toBe(false);
});

it('of before the last boot is stale', () => {
  leave('00000a', (left) => {
    left.processIdSpace.boot = 'another';
  });
  expect(runningUps()).toEqual([]);
  expect(existsSync(stateFile('00000a'))).toBe(false);
});

it('of another container is neither reached nor removed', () => {
  leave('00000a', (left) => {
    left.processIdSpace.namespace = 'pid:[1]';
    left.owner.startedAt = '1';
  });
  expect(runningUps()).toEqual([]);
  expect(existsSync(stateFile('00000a'))).toBe(true);
});

it.each(['', '{', '{"format":2}', '[]'])('that is broken (%j) is nobody', (text) => {
  writeState('00000a', control);
  writeFileSync(stateFile('00000a'), text);
  writeState('00000b', control);
  expect(runningUps().map(({ id }) => id)).toEqual(['00000b']);
});

it('has a name of its own', () => {
  expect(newId()).toMatch(/^[0-9a-f]{6}$/);
  expect(newId()).not.toBe(newId());
});

it('that cannot be written is told with what to do', () => {
  writeFileSync(join(state, 'up'), 'a file');
  expect(() => writeState('00000a', control)).toThrow(
    expect.objectContaining({ name: 'EnvironmentError', remedy: expect.stringContaining('TEMPO_S3_CHAOS_STATE') }),
  );
});
