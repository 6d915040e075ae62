import { describe, expect, it } from 'vitest';
import { realClock, VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  it('goes from one planned moment to the next, those of the same moment in the order of planning', async () => {
    const clock = new VirtualClock();
    const seen: string[] = [];
    const wait = async (name: string, ms: number) => {
      await clock.sleep(ms);
      seen.push(`${name}@${clock.now()}`);
    };
    await clock.run(Promise.all([wait('hour', 3_600_000), wait('b', 5), wait('a', 1), wait('c', 5)]));
    expect(seen).toEqual(['a@1', 'b@5', 'c@5', 'hour@3600000']);
  });

  it('rejects a sleep with the reason of its signal, and forgets the planned moment', async () => {
    const clock = new VirtualClock();
    const stop = new AbortController();
    const sleeping = clock.sleep(1000, stop.signal);
    clock.after(10, () => stop.abort(new Error('stopped')));
    await expect(clock.run(sleeping)).rejects.toThrow('stopped');
    expect(clock.now()).toBe(10);
    await expect(clock.run(new Promise(() => {}))).rejects.toThrow('nothing is planned');
  });

  it('does not call what was cancelled', async () => {
    const clock = new VirtualClock();
    let called = false;
    const cancel = clock.after(5, () => {
      called = true;
    });
    cancel();
    await clock.advance(100);
    expect({ called, now: clock.now() }).toEqual({ called: false, now: 100 });
  });

  it('tells the date from its epoch', async () => {
    const clock = new VirtualClock(new Date('2026-03-01T00:00:00Z'));
    await clock.advance(90_000);
    expect(clock.date().toISOString()).toBe('2026-03-01T00:01:30.000Z');
  });
});

describe('realClock', () => {
  it('sleeps at least as long as asked, on the clock it tells the time of', async () => {
    const before = realClock.now();
    await realClock.sleep(20);
    expect(realClock.now() - before).toBeGreaterThanOrEqual(19);
  });

  it('rejects at once when the signal is aborted already', async () => {
    await expect(realClock.sleep(60_000, AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  });
});
