import { expect, it } from 'vitest';
import { attemptHeader, endToEnd } from './headers.ts';

it('keeps order, case and repetition, and drops what belongs to the connection, what Connection names, and the attempt id', () => {
  const raw = ['HOST', 'h:1', 'Connection', 'close, X-Hop', 'x-hop', '1', 'X-Amz-Meta-A', '1', 'x-amz-meta-a', '2'];
  raw.push('Keep-Alive', 'timeout=5', 'X-Chaos-Attempt', 'r1.1', 'Transfer-Encoding', 'chunked');
  expect(endToEnd(raw, attemptHeader)).toEqual([
    ...['HOST', 'h:1', 'X-Amz-Meta-A', '1', 'x-amz-meta-a', '2', 'Transfer-Encoding', 'chunked'],
  ]);
});
