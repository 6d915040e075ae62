import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../clock.ts';
import { cachingResolver } from './caching-resolver.ts';
import { DnsError, type Found } from './resolver.ts';

const never = new AbortController().signal;

/** A cache in front of a resolver that answers as the test says, and the names that it was asked for. */
function cached(answer: (name: string) => Found, ttlSecond = 1000) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  const find = async (name: string) => {
    asked.push(name);
    return answer(name);
  };
  const resolver = cachingResolver(
    { find, resolve: async (name) => (await find(name)).addresses },
    { clock, ttlSecond },
  );
  return { clock, asked, resolver };
}

const found = (ttlSeconds: number, ...addresses: string[]): Found => ({ addresses, ttlSeconds });

describe('an answer', () => {
  it('is kept for its time to live, and not a moment longer', async () => {
    const { clock, asked, resolver } = cached(() => found(5, '127.0.0.1'));
    for (const ms of [0, 4999]) {
      await clock.advance(ms);
      expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.1']);
    }
    expect(asked).toEqual(['a.test']);
    await clock.advance(1);
    await resolver.resolve('a.test', never);
    expect(asked).toHaveLength(2);
  });

  it('pins the address that it has, whatever the name has become', async () => {
    let answer = found(60, '127.0.0.66');
    const { clock, resolver } = cached(() => answer);
    await resolver.resolve('a.test', never);
    answer = found(5, '127.0.0.1');
    await clock.advance(59_999);
    expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.66']);
    await clock.advance(1);
    expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.1']);
  });

  it('is kept for less under compression', async () => {
    const { clock, asked, resolver } = cached(() => found(5, '127.0.0.1'), 50);
    await resolver.resolve('a.test', never);
    await clock.advance(249);
    await resolver.resolve('a.test', never);
    expect(asked).toHaveLength(1);
    await clock.advance(1);
    await resolver.resolve('a.test', never);
    expect(asked).toHaveLength(2);
  });

  it('without time to live is not kept', async () => {
    const { asked, resolver } = cached(() => found(0, '127.0.0.1'));
    await resolver.resolve('a.test', never);
    await resolver.resolve('a.test', never);
    expect(asked).toHaveLength(2);
  });

  it('is of its name alone, in any case', async () => {
    const { asked, resolver } = cached((name) => found(5, name === 'b.test' ? '127.0.0.2' : '127.0.0.1'));
    expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.1']);
    expect(await resolver.resolve('A.test', never)).toEqual(['127.0.0.1']);
    expect(await resolver.resolve('b.test', never)).toEqual(['127.0.0.2']);
    expect(asked).toEqual(['a.test', 'b.test']);
  });

  it('is not changed by who was given it', async () => {
    const { resolver } = cached(() => found(5, '127.0.0.1'));
    (await resolver.resolve('a.test', never)).push('127.0.0.66');
    (await resolver.resolve('a.test', never)).push('127.0.0.67');
    expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.1']);
  });
});

it('does not keep a failure', async () => {
  let fails = true;
  const { asked, resolver } = cached(() => {
    if (fails) throw new DnsError('no-such-host', 'a.test', '', 'no such host', false);
    return found(5, '127.0.0.1');
  });
  await expect(resolver.resolve('a.test', never)).rejects.toThrow('no such host');
  fails = false;
  expect(await resolver.resolve('a.test', never)).toEqual(['127.0.0.1']);
  expect(asked).toHaveLength(2);
});

it('gives nothing to who has already gone', async () => {
  const { asked, resolver } = cached(() => found(5, '127.0.0.1'));
  await resolver.resolve('a.test', never);
  await expect(resolver.resolve('a.test', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(asked).toHaveLength(1);
});
