import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable, wrap } from './wrap.ts';

it('breaks between words, indents each line, and keeps paragraphs', () => {
  expect(wrap('one two three\nfour', 11, '  ')).toBe('  one two\n  three\n  four');
});

it('leaves a number and its unit together', () => {
  expect(wrap('the writer at 13 % (its CPU 9 %, its disk 4 %)', 17)).toBe(
    'the writer at\n13 % (its CPU\n9 %, its disk\n4 %)',
  );
  expect(wrap('waits for 30 s, 60 s', 12)).toBe('waits for\n30 s, 60 s');
});

it('leaves a long word whole', () => {
  expect(wrap('see chaos-results/2026-01-01/history.ndjson now', 10)).toBe(
    'see\nchaos-results/2026-01-01/history.ndjson\nnow',
  );
});

it('loses no word, and keeps to the columns wherever words allow', () => {
  const words = fc.array(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 1 });
  fc.assert(
    fc.property(words, fc.integer({ min: 10, max: 40 }), (all, columns) => {
      const wrapped = wrap(all.join(' '), columns, '  ');
      expect(wrapped.split(/\s+/).filter(Boolean)).toEqual(all);
      for (const line of wrapped.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }),
  );
});

it('disarms what a terminal would obey', () => {
  // Which of them go with a sequence that is taken out differs between versions of Node; none may stay.
  expect(printable('SlowDown\u001b[2J\u0007\r!\n')).toMatch(/^SlowDown {1,2}!\n$/);
});
