import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import { modelRun } from '../verdict/model-run.ts';
import { compacted, finalMarked, finalOutput } from './example-compaction.ts';
import {
  check,
  cut,
  finalObject,
  finalRead,
  finalReadOf,
  flush,
  flushStart,
  folderOf,
  inOrder,
  objectNames,
  request,
  upload,
  walPage,
} from './example-history.ts';
import { noPhantoms } from './no-phantoms.ts';

const judge = (...events: Parameters<typeof inOrder>) => check(noPhantoms, inOrder(...events))[0];
const a = [cut('a', 1), flush('a', 10)].flat();

/** The final read finds block `a` whole, and these. */
const found = (...objects: HistoryEvent[]) => [
  ...objects,
  ...finalRead(900, 'a').slice(0, -1),
  finalReadOf(901, objectNames.length + objects.length),
];
const other = (key: string, size = 10): HistoryEvent => ({ ...finalObject('a', 'index', 900), key, size });

test('passes when every object was written, and says how many there are', () => {
  expect(judge(a, found())).toEqual({
    checker: 'no-phantoms',
    verdict: 'pass',
    message: '4 objects in the bucket, each written by a request, and as its writer had it',
  });
});

test('without a final read nothing is known', () => {
  expect(judge(a)?.verdict).toBe('inconclusive');
  expect(judge(a, finalReadOf(900, 0))?.message).toBe('there is nothing in the bucket');
});

describe('an object that no request wrote', () => {
  test('fails, wherever it is', () => {
    expect(judge(a, found(other('somebody/elses')))).toMatchObject({
      verdict: 'fail',
      message: 'the bucket has what nobody wrote: 1 object that no request wrote: somebody/elses',
    });
    // Of the block: its cut says so, and no request of it was ever seen.
    const unsent = [cut('a', 1), flush('a', 10).filter((event) => !('key' in event) || !event.key.endsWith('index'))];
    expect(judge(...unsent, found())).toMatchObject({
      verdict: 'fail',
      message: `the bucket has what nobody wrote: 1 object that no request wrote: ${folderOf('a')}index`,
    });
  });

  test.each([
    ['that S3 refused', { upstream: 403 }],
    ['that S3 never got', { upstream: 'unseen' as const, answered: { status: 503, code: 'SlowDown' } }],
    ['that was a read', { operation: 'GetObject' as const }],
    ['of a part alone', { operation: 'UploadPart' as const, partNumber: 1 }],
  ])('fails beside a request %s', (_, options) => {
    const [edge, attempt] = request('a', 'extra', [700, 710], options);
    const key = 'elsewhere/extra';
    expect(judge(a, { ...edge, key }, { ...attempt, key }, found(other(key)))?.verdict).toBe('fail');
  });

  test('is inconclusive when a part of the harness broke, which may have seen it', () => {
    const broken: HistoryEvent = { t: 800, type: 'harness.error', where: 'gateway', message: 'it ended' };
    expect(judge(a, broken, found(other('somebody/elses')))?.verdict).toBe('inconclusive');
    expect(judge(a, broken, found())?.verdict).toBe('pass');
  });
});

describe('an object whose writer was told nothing, or the wrong thing, passes', () => {
  const lone = (options: Parameters<typeof request>[3]) => {
    const without = flush('a', 10).filter((event) => !('key' in event) || !event.key.endsWith('index'));
    return judge(cut('a', 1), without, request('a', 'index', [120, 130], options), found());
  };

  test.each([
    ['no answer came', { upstream: 'none' as const }],
    ["S3's own 503 may have come after it was applied", { upstream: 503 }],
    ['a fault answered with an error after it was applied', { client: { outcome: 'fail' as const, status: 503 } }],
  ])('%s', (_, options) => {
    expect(lone(options)?.verdict).toBe('pass');
  });

  test('the gateway did not see it, and the client got no answer', () => {
    const [, attempt] = request('a', 'index', [120, 130], { client: { outcome: 'info' } });
    const without = flush('a', 10).filter((event) => !('key' in event) || !event.key.endsWith('index'));
    expect(judge(cut('a', 1), without, attempt, found())?.verdict).toBe('pass');
  });

  test('the writer was killed before it could tell: the gateway saw it', () => {
    const [edge] = request('a', 'index', [120, 130]);
    const without = flush('a', 10).filter((event) => !('key' in event) || !event.key.endsWith('index'));
    expect(judge(cut('a', 1), without, edge, found())?.verdict).toBe('pass');
  });

  test('the traffic beside has no attempts, and lies elsewhere', () => {
    const key = 'chaos/chaos-background/compactor-0/3';
    const [edge] = request('a', 'index', [500, 510]);
    const { id: _, ...nameless } = { ...edge, key };
    expect(judge(a, nameless, found(other(key)))?.verdict).toBe('pass');
  });
});

describe('a block', () => {
  test('under an id that no writer cut fails, with all its objects', () => {
    const twice = [a, upload('b', 300)].flat();
    const [found_b] = [objectNames.map((name) => finalObject('b', name, 900))];
    expect(judge(twice, found(...found_b))).toMatchObject({
      verdict: 'fail',
      message: 'the bucket has what nobody wrote: 1 block that no writer cut: block b (4 objects)',
      blocks: ['b'],
    });
  });

  test('that a writer had passes, though its cut went with a killed process', () => {
    const objects = objectNames.map((name) => finalObject('b', name, 900));
    for (const had of [walPage('b', 250, 1, 10), flushStart('b', 250)]) {
      expect(judge(a, had, upload('b', 300), found(...objects))?.verdict).toBe('pass');
    }
  });

  test('cut twice under two ids fails when both are in the bucket', () => {
    const twin = cut('b', 250) as Extract<HistoryEvent, { type: 'block.cut' }>;
    const data = objectNames.map((name) => finalObject('a', name, 900));
    const sameData = {
      ...twin,
      objects: data.map(({ size, sha256 }, index) => ({ name: objectNames[index] as string, size, sha256 })),
    };
    const objects = data.map((object, index) => ({ ...object, key: `${folderOf('b')}${objectNames[index]}` }));
    expect(judge(a, sameData, flush('b', 300), found(...objects))).toMatchObject({
      verdict: 'fail',
      message: 'the bucket has what nobody wrote: 1 block flushed under two ids: block b has the data of block a',
      blocks: ['b'],
    });
    // Cut again from its WAL, and cleared before it got there: there is one.
    expect(judge(a, sameData, found())?.verdict).toBe('pass');
  });

  test('has the size of one of its cuts, and no other', () => {
    const shorter = cut('a', 5) as Extract<HistoryEvent, { type: 'block.cut' }>;
    const lost = { ...shorter, objects: shorter.objects.map((object) => ({ ...object, size: object.size - 50 })) };
    const finds = (size: number) => {
      const objects = objectNames.map((name) =>
        name === 'index' ? finalObject('a', name, 900, { size }) : finalObject('a', name, 900),
      );
      return judge(a, lost, objects, finalReadOf(901, 4));
    };
    expect(finds(105)?.verdict).toBe('pass');
    expect(finds(55)?.verdict).toBe('pass');
    expect(finds(54)).toMatchObject({
      verdict: 'fail',
      message:
        'the bucket has what nobody wrote: 1 object that no writer had so: index of block a has 54 bytes instead of 105 or 55',
      blocks: ['a'],
    });
  });

  test('has no objects but those that it was cut with', () => {
    const extra = request('a', 'bloom-1', [500, 510]);
    expect(judge(a, extra, found(finalObject('a', 'bloom-1', 900)))).toMatchObject({
      verdict: 'fail',
      message:
        'the bucket has what nobody wrote: 1 object that no writer had so: bloom-1 is none of the objects of block a',
    });
  });

  test('that was compacted has a mark, and the block that it went into is known', () => {
    const marks = ['a', 'b'].map((block) =>
      request(block, 'meta.compacted.json', [380, 390], { operation: 'CopyObject' }),
    );
    const written = [a, cut('b', 2), flush('b', 160), upload('ab', 310)].flat();
    const objects = [finalMarked('a', 900), finalMarked('b', 900), finalOutput(['a', 'b'], 'ab', 900)].flat();
    const read = [...objects, finalReadOf(901, objects.length)];
    expect(judge(written, marks.flat(), compacted(['a', 'b'], 'ab', 600), read)?.verdict).toBe('pass');
    expect(judge(written, marks.flat(), read)).toMatchObject({ verdict: 'fail', blocks: ['ab'] });
    expect(judge(written, compacted(['a', 'b'], 'ab', 600), read)?.message).toContain(
      `2 objects that no request wrote: ${folderOf('a')}meta.compacted.json`,
    );
  });

  test('that two jobs of a compactor wrote, the second since the first had failed, is there twice, and no phantom', () => {
    const first = compacted(['a', 'b'], 'first', 600, { outcome: 'fail', marked: [] });
    const written = [a, cut('b', 2), flush('b', 160), upload('first', 310), upload('second', 610)].flat();
    const whole = ['a', 'b'].flatMap((block) => objectNames.map((name) => finalObject(block, name, 900)));
    const objects = [whole, finalOutput(['a', 'b'], 'first', 900), finalOutput(['a', 'b'], 'second', 900)].flat();
    const second = compacted(['a', 'b'], 'second', 800);
    expect(judge(written, first, second, objects, finalReadOf(901, objects.length))?.verdict).toBe('pass');
  });
});

test('a run of a correct writer has no phantom, however its attempts fail; and one more object is always found', () => {
  const key = fc.constantFrom(folderOf('nobodys'), `${folderOf('steady')}more/`, 'elsewhere/', '');
  fc.assert(
    fc.property(modelRun, key, ({ events }, folder) => {
      expect(check(noPhantoms, events)[0]?.verdict).toBe('pass');
      const phantom = { ...other(`${folder}object`), t: 20_000.9 };
      expect(check(noPhantoms, inOrder(events, phantom))[0]?.verdict).toBe('fail');
    }),
  );
});

test('the order in which the objects are read back changes nothing but their order in the message', () => {
  fc.assert(
    fc.property(modelRun, fc.infiniteStream(fc.nat()), ({ events }, draws) => {
      const rest = events.filter(({ type }) => type !== 'final.object');
      const objects = events.filter(({ type }) => type === 'final.object');
      const shuffled = objects
        .map((event) => ({ event, place: draws.next().value as number }))
        .sort((one, another) => one.place - another.place)
        .map(({ event }) => event);
      expect(check(noPhantoms, [...rest.slice(0, -2), ...shuffled, ...rest.slice(-2)])).toEqual(
        check(noPhantoms, events),
      );
    }),
    { numRuns: 30 },
  );
});
