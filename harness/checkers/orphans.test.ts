import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { HistoryEvent } from '../history/events.ts';
import type { Expectations } from '../scenario/expectations.ts';
import { check, finalReadOf, folderOf } from './example-history.ts';
import { monthlyCost, orphans } from './orphans.ts';

const MiB = 1024 * 1024;
const left = (block: string, parts: number, bytes: number): HistoryEvent => ({
  t: 900,
  type: 'final.upload',
  key: `${folderOf(block)}data.parquet`,
  uploadId: `upload-of-${block}`,
  parts,
  bytes,
});
const read = finalReadOf(901, 0);
const judge = (events: HistoryEvent[], expected: Partial<Expectations> = {}, bytes = 1) =>
  check(orphans, [...events, read], { expect: expected, compression: { time: 1, bytes } })[0];

test('what is left behind is told with its bytes uncompressed, its costs, and how to be rid of it', () => {
  expect(judge([left('a', 20, 100 * MiB), left('b', 1, 5 * MiB)], {}, 100)).toEqual({
    checker: 'orphans',
    verdict: 'pass',
    note: true,
    message:
      '2 multipart uploads were neither completed nor aborted: 21 parts of 11GB are left behind, which no reader sees and S3 charges for ($0.24 a month at the list price of S3 Standard) until a lifecycle rule of the bucket, AbortIncompleteMultipartUpload, removes them',
  });
});

test('nothing left is worth no note, and an upload without parts costs nothing', () => {
  expect(judge([])).toEqual({ checker: 'orphans', verdict: 'pass', message: 'no upload was left behind' });
  expect(judge([left('a', 0, 0)])?.message).toBe(
    '1 multipart upload was neither completed nor aborted, and no part of it is left behind',
  );
  expect(judge([left('a', 0, 0)], { orphanedParts: 0 })?.verdict).toBe('pass');
});

test('without a final read it is not known, and that matters only if it is judged', () => {
  const events = [left('a', 1, 1)];
  expect(check(orphans, events)[0]?.verdict).toBe('pass');
  expect(check(orphans, events, { expect: { orphanedParts: 5 } })[0]?.verdict).toBe('inconclusive');
});

test('an expectation of parts, of bytes, or of both is missed by either', () => {
  const events = [left('a', 3, 15 * MiB)];
  expect(judge(events, { orphanedParts: 3 })).toMatchObject({ verdict: 'pass', note: true });
  expect(judge(events, { orphanedParts: 2 })?.verdict).toBe('fail');
  expect(judge(events, { orphanedBytes: 30 * MiB }, 2)?.verdict).toBe('pass');
  expect(judge(events, { orphanedBytes: 30 * MiB - 1 }, 2)?.verdict).toBe('fail');
  expect(judge(events, { orphanedParts: 3, orphanedBytes: 14 * MiB })?.verdict).toBe('fail');
  expect(judge(events, { orphanedParts: 3, orphanedBytes: 15 * MiB })?.message).toMatch(
    / \(at most 3 parts and 15MiB expected\)$/,
  );
});

test("Amazon's own example: 10 GB-months of a price are ten times the price", () => {
  expect(monthlyCost(10 * 1024 ** 3)).toBeCloseTo(0.23, 10);
});

test('it fails exactly when more is left than is expected, in whatever order it is found', () => {
  const upload = fc.record({ parts: fc.nat(9), bytes: fc.nat(1000) });
  fc.assert(
    fc.property(
      fc.array(upload),
      fc.nat(30),
      fc.nat(3000),
      fc.integer({ min: 1, max: 5 }),
      (uploads, orphanedParts, orphanedBytes, bytes) => {
        const events = uploads.map((one, index) => left(String(index), one.parts, one.bytes));
        const expected = { orphanedParts, orphanedBytes };
        const parts = uploads.reduce((sum, one) => sum + one.parts, 0);
        const sum = uploads.reduce((total, one) => total + one.bytes, 0) * bytes;
        expect(judge(events, expected, bytes)?.verdict).toBe(
          parts > orphanedParts || sum > orphanedBytes ? 'fail' : 'pass',
        );
        expect(judge([...events].reverse(), expected, bytes)).toEqual(judge(events, expected, bytes));
      },
    ),
  );
});
