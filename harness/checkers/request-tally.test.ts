import { expect, test } from 'vitest';
import { cut, flush, flushEnd, flushStart, inOrder, request, requestsOfUpload, slowDown } from './example-history.ts';
import { RequestTally } from './request-tally.ts';

function tally(...events: Parameters<typeof inOrder>) {
  const tally = new RequestTally();
  for (const event of inOrder(...events)) tally.see(event);
  return tally.counts();
}

test('without faults as many requests are sent as are needed', () => {
  expect(tally(cut('a', 0), flush('a', 10), cut('b', 5), flush('b', 20))).toEqual({
    needed: 2 * requestsOfUpload,
    sent: 2 * requestsOfUpload,
    retries: 0,
  });
});

test('a retry is sent and not needed', () => {
  const retried = slowDown('a', 'index', [0, 1], { attempt: 2 });
  expect(tally(cut('a', 0), retried, flush('a', 10))).toEqual({
    needed: requestsOfUpload,
    sent: requestsOfUpload + 1,
    retries: 1,
  });
});

test('a second flush sends everything again, and needs nothing more', () => {
  const failed = [flush('a', 10).slice(0, -1), flushEnd('a', 150, { outcome: 'fail' })].flat();
  expect(tally(cut('a', 0), failed, flush('a', 200, 2))).toEqual({
    needed: requestsOfUpload,
    sent: 2 * requestsOfUpload,
    retries: 0,
  });
});

test('a block that is not in S3 counts with the requests that were reached', () => {
  const tries = [1, 2, 3].map((attempt) =>
    slowDown('a', 'data.parquet', [attempt * 10, attempt * 10 + 5], { attempt }),
  );
  expect(tally(cut('a', 0), flushStart('a', 5), ...tries)).toEqual({ needed: 1, sent: 3, retries: 2 });
});

test('an abort is sent and not needed; reads, and objects of no block, are none of it', () => {
  expect(
    tally(
      cut('a', 0),
      flushStart('a', 5),
      request('a', 'data.parquet', [10, 20], { operation: 'AbortMultipartUpload' }),
      request('a', 'data.parquet', [30, 40], { operation: 'HeadObject' }),
      request('no-block', 'index', [50, 60]),
    ),
  ).toEqual({ needed: 0, sent: 1, retries: 0 });
});
