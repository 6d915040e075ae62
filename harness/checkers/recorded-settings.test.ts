import { expect, it } from 'vitest';
import { numberAt, valueAt } from './recorded-settings.ts';

const settings = { client: 'tempo', policy: { attempts: 10, flushOpTimeout: 0, keepAlive: 'yes' }, s3: null };

it('gives what is there, 0 too', () => {
  expect(valueAt(settings, 'client')).toBe('tempo');
  expect(numberAt(settings, 'policy', 'attempts')).toBe(10);
  expect(numberAt(settings, 'policy', 'flushOpTimeout')).toBe(0);
});

it.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', 'settings'],
  ['another form', { policy: [] }],
])('finds nothing in %s', (_, recorded) => {
  expect(valueAt(recorded, 'policy', 'attempts')).toBeUndefined();
});

it('takes no number where none is, and goes past what is not there', () => {
  expect(numberAt(settings, 'policy', 'keepAlive')).toBeUndefined();
  expect(numberAt(settings, 's3', 'region')).toBeUndefined();
  expect(numberAt(settings, 'blocks', 'maxBlockBytes')).toBeUndefined();
});
