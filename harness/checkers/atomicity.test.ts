import { expect, test } from 'vitest';
import { atomicity } from './atomicity.ts';
import { check, cut, flush, flushEnd, inOrder, request, upload } from './example-history.ts';

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
