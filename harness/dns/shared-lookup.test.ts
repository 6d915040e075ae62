import { describe, expect, it } from 'vitest';
import { shareLookups } from './shared-lookup.ts';

/** Look-ups that end when the test says so. */
function controlledLookups() {
  const begun: { name: string; signal: AbortSignal; found(addresses: string[]): void; failed(error: Error): void }[] =
    [];
  const lookUp = shareLookups<string[]>(
    (name, signal) => new Promise((found, failed) => begun.push({ name, signal, found, failed })),
  );
  return { begun, lookUp };
}

const never = new AbortController().signal;

describe('shareLookups', () => {
  it('makes one look-up of those that overlap, and a new one of the next', async () => {
    const { begun, lookUp } = controlledLookups();
    const both = [lookUp('a', never), lookUp('a', never)];
    expect(begun).toHaveLength(1);
    begun[0]?.found(['10.0.0.1']);
    expect(await Promise.all(both)).toEqual([['10.0.0.1'], ['10.0.0.1']]);

    const next = lookUp('a', never);
    expect(begun).toHaveLength(2);
    begun[1]?.found(['10.0.0.2']);
    expect(await next).toEqual(['10.0.0.2']);
  });

  it('keeps names apart', () => {
    const { begun, lookUp } = controlledLookups();
    lookUp('a', never);
    lookUp('b', never);
    expect(begun.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('shares an error, and does not keep it', async () => {
    const { begun, lookUp } = controlledLookups();
    const both = [lookUp('a', never), lookUp('a', never)];
    begun[0]?.failed(new Error('no such host'));
    for (const each of both) await expect(each).rejects.toThrow('no such host');
    lookUp('a', never);
    expect(begun).toHaveLength(2);
  });

  it('lets one go without disturbing the other', async () => {
    const { begun, lookUp } = controlledLookups();
    const impatient = new AbortController();
    const gone = lookUp('a', impatient.signal);
    const stays = lookUp('a', never);
    impatient.abort(new Error('dial timeout'));
    await expect(gone).rejects.toThrow('dial timeout');
    expect(begun[0]?.signal.aborted).toBe(false);
    begun[0]?.found(['10.0.0.1']);
    expect(await stays).toEqual(['10.0.0.1']);
  });

  it('ends the look-up with the last who waits, and does not hand it to the next', async () => {
    const { begun, lookUp } = controlledLookups();
    const first = new AbortController();
    const second = new AbortController();
    const both = [lookUp('a', first.signal), lookUp('a', second.signal)];
    first.abort(new Error('first'));
    second.abort(new Error('second'));
    await expect(both[0]).rejects.toThrow('first');
    await expect(both[1]).rejects.toThrow('second');
    expect(begun[0]?.signal.aborted).toBe(true);
    lookUp('a', never);
    expect(begun).toHaveLength(2);
    // The end of the first look-up does not take the second from those who wait for it.
    begun[0]?.failed(new Error('aborted'));
    await new Promise((resolve) => setImmediate(resolve));
    lookUp('a', never);
    expect(begun).toHaveLength(2);
  });

  it('does nothing for who has already gone', async () => {
    const { begun, lookUp } = controlledLookups();
    await expect(lookUp('a', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
    expect(begun).toHaveLength(0);
  });
});
