import { expect, it } from 'vitest';
import { ConfigError, formatProblem } from './config-error.ts';

const problem = { file: 'tempo.yaml', message: 'it is wrong', remedy: 'Right it.' };

it('says where, what and the remedy, as far as they are known', () => {
  expect(formatProblem(problem)).toBe('tempo.yaml: it is wrong. Right it.');
  expect(formatProblem({ ...problem, line: 3, column: 5, key: 'a.b' })).toBe(
    'tempo.yaml:3:5: a.b: it is wrong. Right it.',
  );
});

it('shows twenty problems, and has all of them', () => {
  const error = new ConfigError(Array.from({ length: 25 }, (_, line) => ({ ...problem, line })));
  expect(error.message.split('\n')).toHaveLength(21);
  expect(error.message.split('\n').at(-1)).toBe('... and 5 more');
  expect(error.problems).toHaveLength(25);
});
