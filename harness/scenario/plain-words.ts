/** What a schema has against a value, in plain words: zod's own ("Too small: expected number to be >=1") are for programmers. */
import type { z } from 'zod';

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  tuple: 'a list',
  object: 'keys with values',
  record: 'keys with values',
};

/** For zod's `error` option. A schema that has words of its own keeps them. */
export const inPlainWords: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${kinds[issue.expected] ?? issue.expected}`;
    case 'invalid_union':
      return `expected ${alternatives(issue.errors)}`;
    case 'too_small':
      if (issue.origin === 'string') return 'expected some text, and it is empty';
      if (issue.origin === 'array') return `expected at least ${issue.minimum} in the list, and it is empty`;
      return `expected ${issue.minimum} or more`;
    case 'too_big':
      return `expected ${issue.maximum} at most`;
    default:
      return undefined;
  }
};

/** `text, a number or true or false`, of what each member of a union has against the value. */
function alternatives(errors: readonly (readonly z.core.$ZodIssue[])[] = []): string {
  const expected = errors.flatMap(([first]) => (first?.code === 'invalid_type' ? (kinds[first.expected] ?? []) : []));
  return expected.length > 0 ? [...new Set(expected)].join(', or ') : 'something else';
}
