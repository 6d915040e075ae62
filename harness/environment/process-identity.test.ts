import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { identify, kill, type ProcessIdentity, stillRuns } from './process-identity.ts';

function sleeper() {
  const child = spawn('sleep', ['60'], { stdio: 'ignore', detached: true });
  return { child, identity: identify(child.pid as number) as ProcessIdentity, exited: once(child, 'exit') };
}

test('a process is known for as long as it runs, and no longer', async () => {
  const { identity, exited } = sleeper();
  expect(stillRuns(identity)).toBe(true);
  expect(kill(identity)).toBe(true);
  expect((await exited)[1]).toBe('SIGKILL');
  expect(stillRuns(identity)).toBe(false);
  expect(identify(identity.pid)).toBeUndefined();
  expect(kill(identity)).toBe(false);
});

test('a process that has got the id of an ended one is not killed in its place', async () => {
  const { child, identity, exited } = sleeper();
  const predecessor = { pid: identity.pid, startedAt: String(Number(identity.startedAt) - 1) };
  expect(stillRuns(predecessor)).toBe(false);
  expect(kill(predecessor)).toBe(false);
  // It still takes the signal that is meant for it, and that is the first one.
  child.kill('SIGINT');
  expect((await exited)[1]).toBe('SIGINT');
});

test('a process whose name holds spaces and parentheses is read right', async () => {
  const child = spawn(process.execPath, [
    '-e',
    'process.title = "a) b (c) 1 2 3"; console.log(1); setInterval(() => {}, 1000)',
  ]);
  await once(child.stdout, 'data');
  const identity = identify(child.pid as number) as ProcessIdentity;
  const own = identify(process.pid) as ProcessIdentity;
  expect(Number(identity.startedAt)).toBeGreaterThan(Number(own.startedAt));
  kill(identity);
  await once(child, 'exit');
});

test('the group that a process leads is killed with it', async () => {
  const leader = spawn('sh', ['-c', 'sleep 60 & echo $!; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = (await once(leader.stdout, 'data')) as [Buffer];
  const member = identify(Number(line.toString())) as ProcessIdentity;
  expect(stillRuns(member)).toBe(true);
  kill(identify(leader.pid as number) as ProcessIdentity);
  await once(leader, 'close');
  await expect.poll(() => stillRuns(member)).toBe(false);
});
