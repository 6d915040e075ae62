import { expect, it } from 'vitest';
import { paintFor, verdictStyle } from './paint.ts';

it('colours a terminal, and only a terminal', () => {
  expect(paintFor({ isTTY: true }, {})('red', 'fail')).toBe('\u001b[31mfail\u001b[39m');
  expect(paintFor({}, {})('red', 'fail')).toBe('fail');
});

it('respects NO_COLOR and a terminal without colours; an empty NO_COLOR is none', () => {
  expect(paintFor({ isTTY: true }, { NO_COLOR: '1' })('red', 'fail')).toBe('fail');
  expect(paintFor({ isTTY: true }, { TERM: 'dumb' })('red', 'fail')).toBe('fail');
  expect(paintFor({ isTTY: true }, { NO_COLOR: '' })('red', 'fail')).not.toBe('fail');
});

it('paints an expected fail as no alarm', () => {
  expect(verdictStyle('fail', true)).toBe('green');
  expect(verdictStyle('fail', false)).toBe('red');
  expect(verdictStyle('pass', false)).toBe('red');
  expect(verdictStyle('inconclusive', false)).toBe('yellow');
});
