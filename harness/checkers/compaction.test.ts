import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { compaction } from './compaction.ts';
import { durability } from './durability.ts';
import { compacted, finalMarked, finalOutput } from './example-compaction.ts';
import {
  check,
  cut,
  finalObject,
  finalReadOf,
  flush,
  inOrder,
  objectNames,
  request,
  scenario,
} from './example-history.ts';

const written = inOrder(cut('a', 1), flush('a', 2), cut('b', 3), flush('b', 4));
/** The requests that write the output, in order: 10 ms each, from `t` on. */
const writes = (output: string, t: number, names = ['data.parquet', 'bloom-0', 'index', 'meta.json']) =>
  names.flatMap((name, index) => {
    const operation = name === 'data.parquet' ? 'CompleteMultipartUpload' : 'PutObject';
    return request(output, name, [t + index * 20, t + index * 20 + 10], { operation });
  });
const ab = inOrder(written, writes('ab', 300), compacted(['a', 'b'], 'ab', 400));
const read = (...found: HistoryEvent[][]) => inOrder(...found, finalReadOf(1000, found.flat().length));

describe('a compaction', () => {
  test('passes when each input is readable in the new block, for durability too', () => {
    const events = inOrder(ab, read(finalMarked('a', 900), finalMarked('b', 900), finalOutput(['a', 'b'], 'ab', 900)));
    expect(check(compaction, events)).toEqual([
      { checker: 'compaction', verdict: 'pass', message: '2 blocks compacted by 1 job, and all can be read' },
    ]);
    expect(check(durability, events)).toEqual([
      {
        checker: 'durability',
        verdict: 'pass',
        message: '2 blocks cut, 2 read back whole (2 in blocks that they were compacted into)',
      },
    ]);
  });

  test('passes when the new block was compacted in its turn', () => {
    const events = inOrder(
      ab,
      cut('c', 410),
      flush('c', 411),
      writes('abc', 600),
      compacted(['ab', 'c'], 'abc', 700, {
        read: [
          { block: 'ab', size: 224, sha256: 'sha256-of-ab-data.parquet' },
          { block: 'c', size: 112, sha256: 'sha256-of-c-data.parquet' },
        ],
        objects: compacted(['a', 'b', 'c'], 'abc', 700).objects,
      }),
      read(...['a', 'b', 'ab', 'c'].map((block) => finalMarked(block, 900)), finalOutput(['a', 'b', 'c'], 'abc', 900)),
    );
    expect(check(compaction, events)[0]).toMatchObject({ verdict: 'pass' });
    expect(check(durability, events)[0]).toMatchObject({ verdict: 'pass' });
  });

  test.each(['data.parquet', 'bloom-0', 'meta.json'])('fails when the new block has no %s', (name) => {
    const output = finalOutput(['a', 'b'], 'ab', 900).filter(
      (event) => event.type === 'final.object' && !event.key.endsWith(name),
    );
    const events = inOrder(ab, read(finalMarked('a', 900), finalMarked('b', 900), output));
    const [finding] = check(compaction, events);
    expect(finding).toMatchObject({ verdict: 'fail', blocks: ['a', 'b'] });
    expect(finding?.message).toContain(
      `2 blocks could be read before a compaction and cannot after it: block a: it was compacted into ab, of which ${name} is missing`,
    );
    expect(check(durability, events)[0]).toMatchObject({ verdict: 'fail', blocks: ['a', 'b'] });
    expect(check(durability, events)[0]?.message).toContain(`it was compacted into ab, of which ${name} is missing`);
  });

  test('fails when the new block is not as it was written', () => {
    const output = finalOutput(['a', 'b'], 'ab', 900).filter((event) => !('key' in event) || !/index$/.test(event.key));
    const other = finalObject('ab', 'index', 900, { sha256: 'other' });
    const events = inOrder(ab, read(finalMarked('a', 900), finalMarked('b', 900), [...output, other]));
    expect(check(compaction, events)[0]?.message).toContain('of which index is not as it was written');
  });

  test.each([
    ['what was read is not what was cut', { read: [{ block: 'a', size: 112, sha256: 'other' }] }],
    ['an input was not read', { read: [] }],
    ['one of the inputs was not read, and its data is not there', { inputs: ['a', 'b'] }],
    ['the new block is shorter than its inputs', { objects: compacted(['a'], 'ab', 400).objects, inputs: ['a', 'b'] }],
  ])('fails when %s', (_, how) => {
    const event = compacted(['a'], 'ab', 400, how);
    const doubled = 'objects' in how ? { ...event, read: compacted(['a', 'b'], 'ab', 400).read } : event;
    const found = doubled.objects.map(({ name, size, sha256 }) => finalObject('ab', name, 900, { size, sha256 }));
    const events = inOrder(written, writes('ab', 300), doubled, read(finalMarked('a', 900), found));
    expect(check(compaction, events)[0]).toMatchObject({ verdict: 'fail', blocks: ['a'] });
    expect(check(compaction, events)[0]?.message).toContain('which does not hold its data as it was');
  });

  test('that failed before its marks passes: its inputs are there', () => {
    const failed = compacted(['a', 'b'], 'ab', 400, {
      outcome: 'fail',
      error: 'SlowDown',
      objects: [],
      marked: [],
      orphanedParts: 2,
    });
    const blocks = ['a', 'b'].flatMap((block) =>
      ['data.parquet', 'bloom-0', 'index', 'meta.json'].map((name) => finalObject(block, name, 900)),
    );
    const events = inOrder(written, failed, read(blocks));
    expect(check(compaction, events)[0]).toEqual({
      checker: 'compaction',
      verdict: 'pass',
      message: 'no compaction succeeded; every block can be read; 1 job failed',
    });
  });

  test('whose marks were not all told of is judged by what is in the bucket', () => {
    // The mark of b was made, and its answer was lost.
    const job = compacted(['a', 'b'], 'ab', 400, { outcome: 'fail', error: 'unable to mark 1 blocks', marked: ['a'] });
    const found = read(finalMarked('a', 900), finalMarked('b', 900));
    const events = inOrder(written, writes('ab', 300), job, found);
    expect(check(compaction, events)[0]).toMatchObject({ verdict: 'fail', blocks: ['a', 'b'] });
  });

  test('whose mark was told of and is not there leaves its input readable where it was', () => {
    const job = compacted(['a', 'b'], 'ab', 400, { outcome: 'fail', error: 'unable to mark 1 blocks', marked: ['a'] });
    const whole = ['a', 'b'].flatMap((block) => objectNames.map((name) => finalObject(block, name, 900)));
    const events = inOrder(written, writes('ab', 300), job, read(whole));
    expect(check(compaction, events)[0]).toMatchObject({ verdict: 'pass' });
  });

  test('whose data may have been applied before its meta.json or after it proves nothing', () => {
    const events = inOrder(
      written,
      request('ab', 'data.parquet', [300, 390], { operation: 'CompleteMultipartUpload' }),
      writes('ab', 300, ['bloom-0', 'index', 'meta.json']),
      compacted(['a', 'b'], 'ab', 400),
      read(finalMarked('a', 900), finalMarked('b', 900), finalOutput(['a', 'b'], 'ab', 900)),
    );
    const [finding] = check(compaction, events);
    expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: ['ab'] });
    expect(finding?.message).toContain('the order in which S3 applied 1 compacted block is not known: block ab');
  });

  test('whose meta.json was applied before the data fails', () => {
    const names = ['bloom-0', 'index', 'meta.json', 'data.parquet'];
    const events = inOrder(
      written,
      writes('ab', 300, names),
      compacted(['a', 'b'], 'ab', 400),
      read(finalMarked('a', 900), finalMarked('b', 900), finalOutput(['a', 'b'], 'ab', 900)),
    );
    const [finding] = check(compaction, events);
    expect(finding).toMatchObject({ verdict: 'fail', blocks: ['ab'] });
    expect(finding?.message).toContain('meta.json was applied before data.parquet');
  });
});

test('without a compactor there is nothing to judge; with one that compacted nothing it is not known', () => {
  expect(check(compaction, written)[0]).toMatchObject({ verdict: 'pass', message: 'no compactor ran' });
  const one = { ...scenario(), scenario: { load: { compactors: 1 } } };
  expect(check(compaction, inOrder(one, written))[0]?.verdict).toBe('inconclusive');
});

test('without a final read nothing is known', () => {
  expect(check(compaction, ab)[0]?.verdict).toBe('inconclusive');
});
