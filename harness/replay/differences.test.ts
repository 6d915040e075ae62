import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differences } from './differences.ts';

test('are none of a value and itself, written and read again', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(differences(value, JSON.parse(JSON.stringify(value)))).toEqual([]);
    }),
  );
});

test('are some of two values that are written differently', () => {
  const written = (value: unknown) => JSON.stringify(value, (_, part) => (isObject(part) ? sorted(part) : part));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (was, is) => {
      // An empty list and an empty object have the same fields: none.
      fc.pre(written(was) !== written(is) && !/\[\]|\{\}/.test(written(was) + written(is)));
      expect(differences(was, is)).not.toEqual([]);
    }),
  );
});

test('are told field by field; elements of a list by their names', () => {
  const finding = (checker: string, message: string) => ({ checker, message });
  const was = {
    verdict: 'pass',
    blocks: { lost: 0, cut: 2 },
    findings: [finding('a', '1'), finding('a', '2'), finding('b', '3')],
  };
  const is = {
    verdict: 'fail',
    blocks: { lost: 1, cut: 2 },
    findings: [finding('new', '0'), finding('a', '1'), finding('a', '2!')],
  };
  expect(differences(was, is)).toEqual([
    { field: 'verdict', was: 'pass', is: 'fail' },
    { field: 'blocks.lost', was: 0, is: 1 },
    { field: 'findings.a (2).message', was: '2', is: '2!' },
    { field: 'findings.b', was: finding('b', '3') },
    { field: 'findings.new', is: finding('new', '0') },
  ]);
});

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
