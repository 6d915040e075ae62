import { expect, it } from 'vitest';
import { pooled } from './pooled.ts';

/** Work that is over when it is told to be. */
function controlled() {
  const begun: string[] = [];
  const ends = new Map<string, { resolve(): void; reject(error: Error): void }>();
  const work = (item: string) => {
    begun.push(item);
    return new Promise<string>((resolve, reject) => {
      ends.set(item, { resolve: () => resolve(item.toUpperCase()), reject });
    });
  };
  return {
    begun,
    work,
    end: (item: string) => ends.get(item)?.resolve(),
    fail: (item: string) => ends.get(item)?.reject(new Error(item)),
  };
}
const turns = () => new Promise((resolve) => setImmediate(resolve));

it('has so many under way at once, and tells what each came to in the order of the list', async () => {
  const { begun, work, end } = controlled();
  const all = pooled(['a', 'b', 'c'], 2, work);
  await turns();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await turns();
  expect(begun).toEqual(['a', 'b', 'c']);
  end('c');
  end('a');
  expect(await all).toEqual(['A', 'B', 'C']);
});

it('begins none after one has failed, waits for those under way, and throws what the first has thrown', async () => {
  const { begun, work, end, fail } = controlled();
  let over = false;
  const all = pooled(['a', 'b', 'c', 'd', 'e'], 3, work).finally(() => {
    over = true;
  });
  all.catch(() => {});
  await turns();
  fail('b');
  await turns();
  fail('a');
  await turns();
  expect(over).toBe(false);
  end('c');
  await expect(all).rejects.toThrow(/^b$/);
  expect(begun).toEqual(['a', 'b', 'c']);
});

it('has nothing to do for an empty list', async () => {
  expect(await pooled([], 3, async () => 1)).toEqual([]);
});
