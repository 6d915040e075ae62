/** A client without a region, in virtual time. What the policy does otherwise is told by tempo-object-store.test.ts. */
import { describe, expect, it } from 'vitest';
import { Random } from '../random.ts';
import { DeadlineExceeded } from './object-store.ts';
import { type Ending, RangeBody, type ScriptedRequest, scriptedStore, TOOK } from './scripted-operations.ts';

const slowDown = { status: 503, code: 'SlowDown' };

/** The nth GetBucketLocation, and the nth of the others, end so. */
function setUp(locations: Ending[], others: Ending[] = []) {
  const script = ({ operation }: ScriptedRequest): Ending =>
    (operation === 'GetBucketLocation' ? locations : others).shift() ?? 'ok';
  const scripted = scriptedStore(script, { askRegion: true });
  const names = () => scripted.operations.began.map((line) => line.replace(/^\d+ /, ''));
  return { ...scripted, names };
}

const sent = ({ operations, names }: ReturnType<typeof setUp>) =>
  names().map((name, index) => `${name} for ${operations.regions[index]}`);

describe('a client without a region', () => {
  it.each([
    ['', 'us-east-1'],
    ['EU', 'eu-west-1'],
    ['us-west-2', 'us-west-2'],
  ])('asks where the bucket is, once, and signs for its answer %j', async (constraint, region) => {
    const scripted = setUp([]);
    scripted.operations.location = constraint;
    await scripted.put(1);
    await scripted.put(1, { key: 'meta.json' });
    expect(sent(scripted)).toEqual([
      'GetBucketLocation for us-east-1',
      `PutObject for ${region}`,
      `PutObject for ${region}`,
    ]);
    expect(scripted.events).toMatchObject([
      { operation: 'GetBucketLocation', key: '', attempt: 1, outcome: 'ok' },
      { operation: 'PutObject', attempt: 1 },
      { operation: 'PutObject', attempt: 1 },
    ]);
    expect(new Set(scripted.events.map(({ request }) => request)).size).toBe(3);
  });

  it('does not try the question again when it gets no answer: the object has failed', async () => {
    const scripted = setUp(['reset']);
    await expect(scripted.put(1)).rejects.toMatchObject({ operation: 'GetBucketLocation', failure: 'reset' });
    expect(scripted.names()).toEqual(['GetBucketLocation']);
    expect(scripted.events[0]).not.toHaveProperty('retryIn');
    expect(scripted.clock.now()).toBe(TOOK);
    await scripted.put(1);
    expect(scripted.names().slice(1)).toEqual(['GetBucketLocation', 'PutObject']);
  });

  it.each([
    { status: 503, code: 'ServiceUnavailable' },
    { status: 404, code: 'NoSuchBucket' },
  ])('gives up on %j: a status is no reason to ask again', async (ending) => {
    const scripted = setUp([ending]);
    await expect(scripted.put(1)).rejects.toMatchObject(ending);
    expect(scripted.names()).toEqual(['GetBucketLocation']);
  });

  it('asks again for the sake of a code, and each time costs the object a turn', async () => {
    const scripted = setUp([slowDown, slowDown], Array(20).fill(slowDown));
    await expect(scripted.put(1)).rejects.toMatchObject({ operation: 'PutObject', code: 'SlowDown' });
    expect(scripted.names()).toEqual([...Array(3).fill('GetBucketLocation'), ...Array(8).fill('PutObject')]);
    const of = (operation: string) => scripted.events.filter((event) => event.operation === operation);
    expect(of('GetBucketLocation').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(of('PutObject').map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    // The waits are those of the turns, whoever spent them.
    const wait = (turn: number) =>
      Math.min(1000, 200 * 2 ** (turn - 1)) *
      (1 - new Random(42).uniform('backoff', 'PutObject', 'data.parquet', 0, 1, turn));
    const waits = scripted.events.flatMap(({ retryIn }) => (retryIn === undefined ? [] : [retryIn]));
    expect(waits).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(wait));
  });

  it('gives up asking after ten turns', async () => {
    const scripted = setUp(Array(20).fill(slowDown));
    await expect(scripted.put(1)).rejects.toMatchObject({ operation: 'GetBucketLocation', code: 'SlowDown' });
    expect(scripted.names()).toEqual(Array(10).fill('GetBucketLocation'));
  });

  it.each([
    [{ status: 403, code: 'AccessDenied' }, 'us-east-1'],
    [{ status: 403, code: 'AccessDenied', region: 'eu-north-1' }, 'eu-north-1'],
    [{ status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-north-1' }, 'eu-north-1'],
    [{ status: 400, code: 'InvalidRegion' }, 'us-east-1'],
  ])('takes the refusal %j for an answer', async (ending, region) => {
    const scripted = setUp([ending]);
    await scripted.put(1);
    expect(sent(scripted)).toEqual(['GetBucketLocation for us-east-1', `PutObject for ${region}`]);
  });

  it('goes on with the region that a refusal names, when it is news', async () => {
    const moved = { status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-north-1' };
    const scripted = setUp([], [moved]);
    await scripted.put(1);
    await scripted.put(1);
    expect(sent(scripted)).toEqual([
      'GetBucketLocation for us-east-1',
      'PutObject for us-east-1',
      'PutObject for eu-north-1',
      'PutObject for eu-north-1',
    ]);
    expect(scripted.events[1]?.retryIn).toBeGreaterThan(0);
  });

  it('gives up when the region is no news, or not named, even if the status is one to retry', async () => {
    for (const ending of [
      { status: 403, code: 'AccessDenied' },
      { status: 503, code: 'AccessDenied' },
      { status: 403, code: 'AccessDenied', region: 'us-east-1' },
    ]) {
      const scripted = setUp([], [ending]);
      await expect(scripted.put(1)).rejects.toMatchObject(ending);
      expect(scripted.names()).toEqual(['GetBucketLocation', 'PutObject']);
    }
  });

  it('asks once for each request that begins before there is an answer', async () => {
    const scripted = setUp([]);
    const { signal } = new AbortController();
    const puts = ['a', 'b'].map((key) => scripted.store.putObject(key, new RangeBody(1), signal));
    await scripted.clock.run(Promise.all(puts));
    expect(scripted.names()).toEqual(['GetBucketLocation', 'GetBucketLocation', 'PutObject', 'PutObject']);
  });

  it('ends with the deadline while it asks', async () => {
    const { clock, store, names } = setUp(['hang']);
    const deadline = new AbortController();
    clock.after(5000, () => deadline.abort(new DeadlineExceeded(5000)));
    const put = store.putObject('k', new RangeBody(1), deadline.signal);
    await expect(clock.run(put)).rejects.toMatchObject({
      failure: 'deadline',
      message: expect.stringMatching(/context deadline exceeded$/),
    });
    expect(names()).toEqual(['GetBucketLocation']);
  });
});

describe('a client with a region', () => {
  it('asks nobody, and does not take another region from a refusal', async () => {
    const moved = { status: 400, code: 'AuthorizationHeaderMalformed', region: 'eu-north-1' };
    const { operations, put } = scriptedStore(() => moved);
    await expect(put(1)).rejects.toMatchObject(moved);
    expect(operations.began).toEqual(['0 PutObject']);
    expect(operations.regions).toEqual([undefined]);
  });
});
