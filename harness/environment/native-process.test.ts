import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { exampleRun } from './example-environment.ts';
import { startProcess } from './native-process.ts';
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

const start = (code: string, patienceMs?: number) =>
  startProcess(
    { name: 'stand-in', file: process.execPath, args: ['-e', code], env: { ONLY: 'this' }, folder: state },
    register,
    patienceMs,
  );

const entered = () => readRecord(register.id).processes.map(({ name }) => name);

test('it is in the register for as long as it runs', async () => {
  const program = start('setInterval(() => {}, 1000)');
  expect(entered()).toEqual(['stand-in']);
  await program.stop();
  expect(entered()).toEqual([]);
});

test('it is asked first, and may end in order', async () => {
  const program = start(
    'process.on("SIGTERM", () => { console.log("in order"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)',
  );
  await expect.poll(() => program.output()).toBe('up');
  await program.stop();
  await program.stop();
  expect(await program.ended).toBe('ended with code 0');
  expect(program.output()).toBe('up\nin order');
});

test('what does not end when asked is killed', async () => {
  const program = start('process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)', 200);
  await expect.poll(() => program.output()).toBe('up');
  await program.stop();
  expect(await program.ended).toBe('ended by SIGKILL');
});

test('its last lines of both streams are kept, and all of them are there when it has ended', async () => {
  const program = start('for (let i = 0; i < 15000; i++) console.log("line", i); console.error("the reason")');
  expect(await program.ended).toBe('ended with code 0');
  expect(program.output()).toBe('line 14995\nline 14996\nline 14997\nline 14998\nline 14999\nthe reason');
});

test('it sees its own environment, not that of the harness', async () => {
  const program = start('console.log(JSON.stringify(process.env))');
  await program.ended;
  expect(JSON.parse(program.output())).toEqual({ ONLY: 'this' });
});

test.each([
  ['open', 'running'],
  [undefined, 'ended with code 0'],
] as const)('with its input %s, what reads that is soon %s', async (input, state) => {
  const program = startProcess(
    {
      name: 'reader',
      file: 'cat',
      args: [],
      env: { PATH: process.env.PATH ?? '' },
      folder: tmpdir(),
      ...(input && { input }),
    },
    register,
  );
  expect(await Promise.race([program.ended, realClock.sleep(500).then(() => 'running')])).toBe(state);
  await program.kill();
});

test('a program that cannot be started has ended, and says why', async () => {
  const file = join(state, 'nothing');
  const program = startProcess({ name: 'nothing', file, args: [], env: {}, folder: state }, register);
  expect(await program.ended).toBe(`could not be started: spawn ${file} ENOENT`);
  await program.stop();
  expect(existsSync(file)).toBe(false);
});

test('what is started when the run is over is ended at once', async () => {
  await register.close();
  const marker = join(state, 'ran');
  expect(() => start(`setTimeout(() => require('node:fs').writeFileSync('${marker}', ''), 300)`)).toThrow(/too late/);
  await realClock.sleep(600);
  expect(existsSync(marker)).toBe(false);
});
