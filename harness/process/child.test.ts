import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { realClock } from '../clock.ts';
import { type DnsReady, dnsTokenVariable } from '../dns/protocol.ts';
import type { FromSubject, ToSubject } from '../subject/protocol.ts';
import { HarnessProcess, packageRoot } from './child.ts';

const token = { [dnsTokenVariable]: 'token' };
const startDns = () => HarnessProcess.start<never, DnsReady>('dns', token);

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function gone(pid: number): Promise<boolean> {
  for (let turn = 0; turn < 100 && lives(pid); turn++) await realClock.sleep(50);
  return !lives(pid);
}

it('the root is the folder of the package', () => {
  expect(existsSync(join(packageRoot, 'package.json'))).toBe(true);
  expect(existsSync(join(packageRoot, 'harness'))).toBe(true);
});

describe('a process', () => {
  it('is ready with its first message, and ends when it is asked to', async () => {
    const { process: child, ready } = await startDns();
    expect(ready).toMatchObject({ host: '127.0.0.1', port: expect.any(Number), controlPort: expect.any(Number) });
    expect(lives(child.pid)).toBe(true);
    await child.stop();
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(lives(child.pid)).toBe(false);
    // Once more is nothing more, and what is sent then is lost without a word.
    await child.stop();
    child.send(undefined as never);
  });

  it('that dies at its start says what it wrote, every time', async () => {
    for (let turn = 0; turn < 5; turn++) {
      const started = HarnessProcess.start('dns', { [dnsTokenVariable]: '' });
      await expect(started).rejects.toThrow(
        /^dns process ended before it was ready \(1\): [\s\S]*DNS process: TEMPO_S3_CHAOS_TOKEN is not set/,
      );
    }
  });

  it('that ignores the request to end is killed', async () => {
    const { process: child } = await startDns();
    child.kill('SIGSTOP');
    await child.stop(200);
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(lives(child.pid)).toBe(false);
  });

  it('that is killed from outside tells how it ended', async () => {
    const { process: child } = await startDns();
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toEqual({ code: null, signal: 'SIGTERM' });
    await child.stop();
  });

  it('is sent messages and sends some, until that is no longer wanted', async () => {
    const { process: child } = await HarnessProcess.start<ToSubject, FromSubject>('subject');
    await using _ = child;
    const first: FromSubject[] = [];
    const unsubscribe = child.onMessage((message) => first.push(message));
    const answer = () =>
      new Promise<FromSubject>((resolve) => {
        const off = child.onMessage((message) => {
          off();
          resolve(message);
        });
        child.send({ type: 'stop', writer: 'nobody' });
      });
    expect(await answer()).toEqual({ type: 'stopped', writer: 'nobody' });
    unsubscribe();
    await answer();
    expect(first).toHaveLength(1);
  });

  it('is asked, and answers, or does so too late, or has ended', async () => {
    const { process: child } = await HarnessProcess.start<ToSubject, FromSubject>('subject');
    await using _ = child;
    const ask = (writer: string, patience: number) => {
      const answers = (message: FromSubject) => message.type === 'stopped' && message.writer === writer;
      return child.ask({ type: 'stop', writer }, answers, patience, realClock);
    };
    expect(await Promise.all([ask('a', 30_000), ask('b', 30_000)])).toEqual(['answered', 'answered']);
    child.kill('SIGSTOP');
    expect(await ask('c', 20)).toBe('late');
    child.kill('SIGKILL');
    expect(await ask('d', 30_000)).toBe('ended');
  });
});

describe.each(['gateway', 'dns', 'subject', 'compactor'])('the %s process', (name) => {
  it('ends when its parent is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').fork(process.argv[1], { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
         child.once('message', () => console.log(child.pid));
         setInterval(() => {}, 1000);`,
        join(packageRoot, 'dist', `${name}.js`),
      ],
      { env: { ...process.env, NODE_OPTIONS: '', ...token }, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const pid = await firstLine(parent);
    try {
      expect(lives(pid)).toBe(true);
      parent.kill('SIGKILL');
      expect(await gone(pid)).toBe(true);
    } finally {
      parent.kill('SIGKILL');
      if (lives(pid)) process.kill(pid, 'SIGKILL');
    }
  });
});

async function firstLine(parent: ChildProcess): Promise<number> {
  const lines = createInterface({ input: parent.stdout as NodeJS.ReadableStream });
  const [line] = await once(lines, 'line', { signal: AbortSignal.timeout(20_000) });
  return Number(line);
}
