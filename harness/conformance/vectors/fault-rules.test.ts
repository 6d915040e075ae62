import { expect, it } from 'vitest';
import { faultRules } from './fault-rules.ts';

const about = { method: 'PUT', pathContains: 'data.parquet', times: 3 };
const match = { method: 'PUT', target: 'data\\.parquet', times: 3 };

it('makes a rule of each fault', () => {
  expect(
    faultRules([
      { ...about, action: 'answer', status: 503, code: 'SlowDown' },
      { ...about, action: 'reset-before-apply' },
      { ...about, action: 'apply-then-reset' },
      { ...about, action: 'never-answer' },
      { ...about, action: 'answer-200-with-error-body', code: 'SlowDown' },
    ]),
  ).toEqual([
    { rule: '1-answer', seed: 0, match, kind: 'answer-error', status: 503, code: 'SlowDown', message: 'x' },
    { rule: '2-reset-before-apply', seed: 0, match, kind: 'cut', when: 'before-apply' },
    { rule: '3-apply-then-reset', seed: 0, match, kind: 'cut', when: 'after-apply' },
    { rule: '4-never-answer', seed: 0, match, kind: 'hold', when: 'before-apply' },
    {
      ...{ rule: '5-answer-200-with-error-body', seed: 0, match, kind: 'complete-200-error' },
      ...{ code: 'SlowDown', message: 'x', applied: false, spacesForMs: 0 },
    },
  ]);
});

it('takes what a path contains literally', () => {
  const [rule] = faultRules([{ ...about, pathContains: 'a?partNumber=2+', action: 'never-answer' }]);
  expect(rule).toMatchObject({ match: { target: 'a\\?partNumber=2\\+' } });
});
