import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { realClock } from '../clock.ts';
import { runTool } from './tool-process.ts';

const run = (script: string, patienceMs = 20_000, signal = new AbortController().signal) =>
  runTool(['-e', script], { folder: tmpdir(), patienceMs, clock: realClock, signal });

test('gives what a process wrote, and its exit code', async () => {
  expect(await run("console.log('out'); console.error('err'); process.exitCode = 2")).toEqual({
    code: 2,
    stdout: 'out\n',
    stderr: 'err\n',
    hung: false,
  });
});

test('one that does not end in time is interrupted, so that it can take down what it put up', async () => {
  const script =
    "process.on('SIGINT', () => { console.log('taken down'); process.exit(130); }); setInterval(() => {}, 1000)";
  expect(await run(script, 1_000)).toMatchObject({ code: 130, stdout: 'taken down\n', hung: true });
});

test('the signal interrupts it, and is what it rejects with once it has ended', async () => {
  const stop = new AbortController();
  const running = run('setInterval(() => {}, 1000)', 20_000, stop.signal);
  stop.abort(new Error('told to stop'));
  await expect(running).rejects.toThrow('told to stop');
  await expect(run('', 1_000, stop.signal)).rejects.toThrow('told to stop');
});
