import { describe, expect, it } from 'vitest';
import { disagreement, type Named, waitLimit, waitOutOfBounds } from './compare.ts';
import type { Observation } from './observation.ts';
import type { Program } from './program.ts';
import { realBackoff, shortBackoff } from './way.ts';

const program: Program = { number: 7, kind: 'k', size: 1, faults: [], divided: {} };
const named = (name: string, more: Partial<Observation>): Named => ({
  name,
  observation: { lines: ['PutObject: 200', '=> ok'], delays: [], partsAtOnce: 0, ...more },
});
const minioGo = named('minio-go', {});

describe('two clients', () => {
  it('agree when they did the same', () => {
    expect(disagreement(program, minioGo, named('ours', {}))).toBeUndefined();
  });

  it('disagree about one attempt more, and about another end; both are shown side by side', () => {
    const lines = ['PutObject: 503', 'PutObject: 200', '=> ok'];
    expect(disagreement(program, minioGo, named('ours', { lines }))?.split('\n')).toEqual([
      'minio-go         ours',
      '               > PutObject: 503',
      'PutObject: 200   PutObject: 200',
      '=> ok            => ok',
    ]);
    expect(
      disagreement(program, minioGo, named('ours', { lines: ['PutObject: 200', '=> no answer: reset'] })),
    ).toContain('=> ok          | => no answer: reset');
  });

  it('may differ in how far they come by a deadline when that is chance, and in nothing else', () => {
    const byChance: Program = { ...program, countedByChance: true };
    const end = '=> context deadline exceeded';
    const one = named('minio-go', { lines: ['PutObject: 503', 'PutObject: cut', 'PutObject: 503', end] });
    const other = (...lines: string[]) => disagreement(byChance, one, named('ours', { lines }));
    expect(other('PutObject: 503', 'PutObject: cut', end)).toBeUndefined();
    expect(other(end)).toBeUndefined();
    expect(other('PutObject: cut', end)).toContain('PutObject: 503               <');
    expect(other('PutObject: 503', '=> ok')).toContain('| => ok');
  });

  it('disagree about how many parts are in flight, where all that may be are', () => {
    const treatment = { kind: 'hold', when: 'after-apply', forMs: 800 } as const;
    const held: Program = { ...program, faults: [{ operation: 'UploadPart', from: 1, to: 1, treatment }] };
    const parts = (partsAtOnce: number) => named('ours', { partsAtOnce });
    expect(disagreement(held, parts(4), parts(4))).toBeUndefined();
    expect(disagreement(held, parts(4), parts(5))).toBe('parts in flight at once: 4 of ours, 5 of ours');
    expect(disagreement(program, parts(4), parts(5))).toBeUndefined();
  });
});

describe('waits', () => {
  it("are minio-go's at the most, and longer by what a busy machine takes", () => {
    expect([1, 2, 3, 4, 9].map((attempt) => waitLimit(attempt, realBackoff))).toEqual([200, 400, 800, 1000, 1000]);
    const waited = (attempt: number, ms: number, leftBehind = false) =>
      waitOutOfBounds(named('ours', { delays: [{ request: 'PutObject', attempt, ms, leftBehind }] }), shortBackoff);
    expect(waited(9, 2200)).toBeUndefined();
    expect(waited(9, 2300)).toBe("ours: PutObject waited 2300 ms after attempt 9, and 0 to 250 ms are minio-go's");
    expect(waited(1, 2100)).toContain('0 to 50 ms');
    expect(waited(1, -1)).toBeUndefined();
    expect(waited(1, -5)).toContain('-5 ms');
    expect(waited(1, -5, true)).toBeUndefined();
  });
});
