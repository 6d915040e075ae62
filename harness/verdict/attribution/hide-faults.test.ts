import { expect, it } from 'vitest';
import { request } from '../../checkers/example-history.ts';
import { hideFaults } from './hide-faults.ts';

it('leaves of an exchange what an outside observer could have seen', () => {
  const [edge] = request('a', 'index', [10, 20]);
  const judged = [{ rule: '1-s3-error', n: 1, acts: true }];
  expect(hideFaults([{ ...edge, rule: '1-s3-error', judged, heldMs: 5, flipped: 1 }])).toEqual([edge]);
});
