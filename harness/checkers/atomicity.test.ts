import { describe, expect, it, test } from 'vitest';
import { atomicity } from './atomicity.ts';
import { compacted } from './example-compaction.ts';
import { check, cut, flush, flushEnd, inOrder, request, upload } from './example-history.ts';
import { polled, pollFailed } from './example-poll.ts';

const names = ['data', 'index', 'meta.json'];
const data = request('a', 'data', [10, 20]);
const index = request('a', 'index', [30, 40]);
const meta = request('a', 'meta.json', [50, 60]);

const judge = (...events: Parameters<typeof inOrder>) => check(atomicity, inOrder(cut('a', 1, names), ...events));

test('passes when meta.json comes after all else was applied', () => {
  expect(judge(data, index, meta)).toEqual([
    { checker: 'atomicity', verdict: 'pass', message: 'meta.json was applied last in 1 block' },
  ]);
});

test('a multipart object counts as applied by its Complete, not by its parts', () => {
  expect(check(atomicity, inOrder(cut('a', 1), flush('a', 2)))[0]?.verdict).toBe('pass');
  const withoutComplete = upload('a', 2).filter(
    (event) => !('operation' in event) || event.operation !== 'CompleteMultipartUpload',
  );
  const [finding] = check(atomicity, inOrder(cut('a', 1), withoutComplete));
  expect(finding).toMatchObject({ verdict: 'fail', blocks: ['a'] });
  expect(finding?.message).toContain('meta.json was applied, and data.parquet never was');
});

test('fails when meta.json was surely applied before another object', () => {
  const early = request('a', 'meta.json', [21, 29]);
  expect(judge(data, index, early)[0]).toMatchObject({
    verdict: 'fail',
    message: '1 block could be read incomplete: block a: meta.json was applied before index',
    blocks: ['a'],
  });
});

test('fails although meta.json was applied again in the right order later: it was visible too early once', () => {
  expect(judge(data, index, request('a', 'meta.json', [21, 29]), meta)[0]?.verdict).toBe('fail');
});

test('overlapping times are undecidable, and not taken for either', () => {
  const [finding] = judge(data, index, request('a', 'meta.json', [35, 60]));
  expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
  expect(finding?.message).toContain('index may have been applied before its meta.json or after it');
});

test('a meta.json cannot have been applied before its body had come', () => {
  const slowBody = request('a', 'meta.json', [35, 60], { edge: { bodyEnd: 55 } });
  expect(judge(data, index, slowBody)[0]?.verdict).toBe('pass');
});

test('a meta.json without an answer, too early, may have been applied: undecidable', () => {
  const [finding] = judge(data, request('a', 'meta.json', [21, 29], { upstream: 'none' }), index, meta);
  expect(finding?.verdict).toBe('inconclusive');
  expect(finding?.message).toContain('an upload of meta.json that got no answer');
});

test.each([
  ['that MinIO never got', { upstream: 'unseen' as const }],
  ['that MinIO refused', { upstream: 403 }],
  ['whose body was cut off', { upstream: 'none' as const, edge: { bodyEnd: undefined } as object }],
])('a meta.json %s was not applied', (_what, options) => {
  expect(judge(data, request('a', 'meta.json', [21, 29], options), index, meta)[0]?.verdict).toBe('pass');
});

test('a meta.json answered 503 by MinIO may have been applied', () => {
  expect(judge(data, request('a', 'meta.json', [21, 29], { upstream: 503 }), index, meta)[0]?.verdict).toBe(
    'inconclusive',
  );
});

test('an object without an answer is not surely applied: after its meta.json it is undecided', () => {
  expect(judge(data, request('a', 'index', [30, 40], { upstream: 'none' }), meta)[0]?.verdict).toBe('inconclusive');
});

test('an object without an answer, and its retry, leave nothing open', () => {
  const lost = request('a', 'index', [25, 29], { upstream: 'none' });
  expect(judge(data, lost, index, meta)[0]?.verdict).toBe('pass');
});

test('a Complete that was answered 200 with an error is not surely applied', () => {
  const complete = request('a', 'data', [10, 20], {
    operation: 'CompleteMultipartUpload',
    edge: { code: 'InternalError' },
  });
  expect(judge(complete, index, meta)[0]?.verdict).toBe('inconclusive');
});

test('an answer that a rule took away does not make an object less applied', () => {
  const hidden = request('a', 'data', [10, 20], { edge: { status: 503, code: 'SlowDown', rule: '1-s3-error' } });
  expect(judge(hidden, index, meta)[0]?.verdict).toBe('pass');
});

test('a request that the gateway sent again may have been applied the first time', () => {
  const resent = request('a', 'meta.json', [35, 60], {
    edge: { bodyEnd: 36, upstream: { start: 50, end: 60, status: 200, resent: 'ECONNRESET' } },
  });
  expect(judge(data, index, resent)[0]?.verdict).toBe('inconclusive');
});

test('what the client was told is applied, but the gateway did not see, is not called missing', () => {
  const [, pastTheGateway] = request('a', 'index', [30, 40]);
  expect(judge(data, [pastTheGateway], meta)[0]?.verdict).toBe('inconclusive');
});

test('a block that counts as flushed, and whose meta.json the gateway never saw, is undecided', () => {
  const healthy = inOrder(cut('b', 1), flush('b', 2));
  expect(judge(data, index, [flushEnd('a', 70)], healthy)[0]).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
});

test('an object overwritten with other content after meta.json is visible fails', () => {
  const [finding] = judge(data, index, meta, request('a', 'index', [70, 80], { etag: 'other' }));
  expect(finding?.verdict).toBe('fail');
  expect(finding?.message).toContain(
    'index was overwritten after its meta.json was visible (ETag etag-of-index, then other)',
  );
});

test('the same content written again after meta.json is no violation, nor is other content before it', () => {
  expect(judge(data, index, meta, request('a', 'index', [70, 80]))[0]?.verdict).toBe('pass');
  expect(judge(data, request('a', 'index', [25, 29], { etag: 'other' }), index, meta)[0]?.verdict).toBe('pass');
});

test('a block that was never visible is none to judge; if none ever was, nothing is proven', () => {
  expect(judge(data, index)[0]?.verdict).toBe('inconclusive');
  expect(check(atomicity, inOrder(cut('a', 1, names), data, cut('b', 1), flush('b', 2)))[0]?.verdict).toBe('pass');
});

test('what was applied of a block stays applied when it is cut again', () => {
  expect(judge(data, index, [cut('a', 45, names)], meta)[0]?.verdict).toBe('pass');
});

describe('a reader that polls', () => {
  const whole = { a: names };

  it('that finds every block whole agrees', () => {
    expect(judge(data, index, meta, polled([70, 75], whole))).toEqual([
      {
        checker: 'atomicity',
        verdict: 'pass',
        message: 'meta.json was applied last in 1 block, and a reader that polled found each block whole',
      },
    ]);
  });

  it('that finds a block without one of its objects is a fail, where the gateway leaves it open', () => {
    const early = request('a', 'meta.json', [35, 60]);
    const [finding] = judge(data, index, early, polled([36, 39], { a: ['data', 'meta.json'] }));
    expect(finding).toEqual({
      checker: 'atomicity',
      verdict: 'fail',
      message:
        '1 block could be read incomplete: block a: a reader that polled saw its meta.json and no index, 38ms after its cut',
      blocks: ['a'],
    });
  });

  it('is told of beside the gateway where both saw it', () => {
    const early = request('a', 'meta.json', [21, 24]);
    const [finding] = judge(data, index, early, polled([25, 29], { a: ['data', 'meta.json'] }));
    expect(finding?.verdict).toBe('fail');
    expect(finding?.message).toContain(
      'block a: meta.json was applied before index; a reader that polled saw its meta.json and no index',
    );
  });

  it('that misses what the gateway saw acknowledged before contradicts it: one of them is wrong', () => {
    const [finding] = judge(data, index, meta, polled([70, 75], { a: ['data', 'meta.json'] }));
    expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
    expect(finding?.message).toContain(
      'and the gateway saw S3 acknowledge that before: one of the two witnesses is wrong',
    );
  });

  it.each([
    ['index, before it was sent', [data, index, meta, polled([22, 25], whole)], 'index'],
    ['index, which never was', [data, meta, polled([70, 75], whole)], 'index'],
    ['a block that never was', [polled([70, 75], whole)], 'data'],
  ])('that finds %s contradicts it', (_what, events, object) => {
    const [finding] = judge(...events);
    expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
    expect(finding?.message).toContain(
      `block a: a reader found ${object}, and the gateway saw no such request by then: one of the two`,
    );
  });

  it('whose poll began when a block was there, and did not find it, contradicts the gateway', () => {
    const [finding] = judge(data, index, meta, polled([61, 65], []), polled([80, 85], whole));
    expect(finding).toMatchObject({ verdict: 'inconclusive', blocks: ['a'] });
    expect(finding?.message).toContain(
      'the gateway saw S3 acknowledge its meta.json 59ms after its cut, and a reader that polled 60ms after it did not find it',
    );
  });

  it.each([
    ['began while meta.json was on its way', [data, index, meta, polled([59, 65], [])]],
    ['failed', [data, index, meta, pollFailed([61, 65])]],
    [
      'came when the block was compacted',
      [data, index, meta, request('a', 'meta.json', [61, 62], { operation: 'DeleteObject' }), polled([63, 65], [])],
    ],
    [
      'saw the mark of a block that was compacted meanwhile',
      [data, index, meta, polled([61, 65], { a: [...names.slice(0, 2), 'meta.compacted.json'] })],
    ],
  ])('whose poll %s takes nothing away', (_what, events) => {
    expect(judge(...events)[0]?.verdict).toBe('pass');
  });

  it('whose polls failed says so', () => {
    const events = [data, index, meta, pollFailed([10, 20]), polled([61, 65], whole)];
    expect(judge(...events)[0]?.message).toContain('found each block whole (1 of 2 polls failed)');
    expect(judge(data, index, meta, pollFailed([10, 20]))[0]?.message).toBe('meta.json was applied last in 1 block');
  });

  it('tells of a meta.json that no reader makes a block of', () => {
    const unreadable = [
      { key: 'chaos/single-tenant/a/meta.json', problem: 'chaos/single-tenant/a/meta.json: it is not JSON' },
    ];
    const findings = judge(data, index, meta, polled([61, 65], [], { unreadable }));
    expect(findings).toMatchObject([
      { verdict: 'pass' },
      {
        verdict: 'pass',
        note: true,
        message:
          'no reader makes a block of 1 meta.json that it polled: chaos/single-tenant/a/meta.json: it is not JSON',
      },
    ]);
  });

  it.each(['index', 'data.parquet', 'bloom-0'])(
    'that finds a compacted block without its %s is a fail, before the compaction is told of, and after',
    (missing) => {
      const healthy = [data, index, meta];
      const there = ['data.parquet', 'bloom-0', 'index', 'meta.json'].filter((object) => object !== missing);
      for (const told of [90, 100]) {
        const [finding] = judge(...healthy, compacted(['a'], 'c', told), polled([92, 95], { c: there, ...whole }));
        expect(finding).toMatchObject({ verdict: 'fail', blocks: ['c'] });
        expect(finding?.message).toContain(`block c: a reader that polled saw its meta.json and no ${missing}`);
      }
    },
  );

  it('takes a compacted block that is whole for what it is, and one that nobody tells of for nothing', () => {
    const events = [data, index, meta, compacted(['a'], 'c', 100)];
    const [finding] = judge(
      ...events,
      polled([92, 95], { c: ['data.parquet', 'bloom-0', 'index', 'meta.json'], z: [], ...whole }),
    );
    expect(finding?.verdict).toBe('pass');
  });
});
