import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from './random.ts';

describe('Random', () => {
  it('draws by seed and key, never by order', () => {
    const random = new Random(42);
    const first = random.uniform('s3-error', 'PutObject', 'a/data.parquet', 1);
    random.uniform('something else');
    expect(random.uniform('s3-error', 'PutObject', 'a/data.parquet', 1)).toBe(first);
    expect(new Random(43).uniform('s3-error', 'PutObject', 'a/data.parquet', 1)).not.toBe(first);
    expect(random.uniform('s3-error', 'PutObject', 'a/data.parquet', 2)).not.toBe(first);
  });

  it('keeps keys apart that would be the same when joined', () => {
    const random = new Random(1);
    expect(random.uniform('ab', 'c')).not.toBe(random.uniform('a', 'bc'));
    expect(random.uniform('1')).not.toBe(random.uniform(1));
  });

  it('is uniform: over 20,000 draws each tenth gets its share', () => {
    const random = new Random(7);
    const tenths = new Array(10).fill(0);
    for (let i = 0; i < 20_000; i++) tenths[Math.floor(random.uniform('x', i) * 10)]++;
    // 2000 expected, standard deviation 42: five of them either way.
    for (const count of tenths) expect(Math.abs(count - 2000)).toBeLessThan(212);
  });

  it('makes UUIDs of version 4', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (seed, key) => {
        expect(new Random(seed).uuid(key)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it.each([0, 1, 65_536, 262_144, 262_145, 1_000_003])('streams exactly %i bytes, the same each time', async (size) => {
    const hash = async (seed: number) => {
      const bytes = await buffer(new Random(seed).stream(size, 'block', 1));
      expect(bytes.length).toBe(size);
      return createHash('sha256').update(bytes).digest('hex');
    };
    expect(await hash(5)).toBe(await hash(5));
    if (size > 1) expect(await hash(5)).not.toBe(await hash(6));
  });
});
