import { expect, test } from 'vitest';
import { wayOfLoss, waysOfLoss } from './way-of-loss.ts';

test('each way is told by the words of a writer for it, and by no others', () => {
  const reasons = [
    'Block exceeded max completion errors. Deleting. POSSIBLE DATA LOSS (3 attempts, the last: ENOSPC)',
    'failed to cut traces: EIO: i/o error, write',
    'failed to replay block. removing.',
    'deleting WAL block that was never completed',
    'Unable to reload meta for local block. This indicates an incomplete block and will be deleted',
    '3 pages of its WAL went with the power',
    'its flush failed 1 times, and flushRetries is 0: EPIPE',
    'a page of its WAL was eaten by the dog',
  ];
  expect(reasons.map(wayOfLoss)).toEqual(waysOfLoss);
  expect(wayOfLoss('local block failed validation, dropping')).toBe('local-block');
  expect(wayOfLoss('Unexpected error reloading meta for local block. Ignoring and continuing.')).toBe('local-block');
});
