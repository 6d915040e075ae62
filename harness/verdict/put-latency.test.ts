import { expect, test } from 'vitest';
import { inOrder, request, slowDown } from '../checkers/example-history.ts';
import { PutLatency } from './put-latency.ts';

test('is that of PutObject and UploadPart, answered ok', () => {
  const latency = new PutLatency();
  const puts = Array.from({ length: 98 }, (_, index) => request('a', `object-${index}`, [0, 5]));
  const events = inOrder(
    ...puts,
    request('a', 'data.parquet', [0, 40], { operation: 'UploadPart', partNumber: 1 }),
    request('a', 'data.parquet', [0, 80], { operation: 'UploadPart', partNumber: 2 }),
    request('a', 'data.parquet', [0, 900], { operation: 'CompleteMultipartUpload' }),
    slowDown('a', 'index', [0, 900]),
  );
  for (const event of events) latency.see(event);
  const { p50, p99 } = latency.percentiles();
  expect(p50).toBeCloseTo(5, 2);
  expect(p99).toBeCloseTo(40, 1);
});

test('is null when there was none', () => {
  expect(new PutLatency().percentiles()).toEqual({ p50: null, p99: null });
});
