import { describe, expect, it } from 'vitest';
import { type Kind, readScalar, shown } from './go-scalar.ts';

const plain = (text: string) => ({ text, quoted: false });
const quoted = (text: string) => ({ text, quoted: true });
const integer: Kind = { type: 'integer', min: 0 };
const partSize: Kind = { type: 'bytes', min: 5 * 2 ** 20, max: 5 * 2 ** 30, zero: { means: 2 ** 24 } };
const anyBytes: Kind = { type: 'bytes', min: 0 };
const duration: Kind = { type: 'duration', min: 'above zero' };

describe('readScalar', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['600_000_000', 600_000_000],
    ['0x10', 16],
    ['017', 15],
    ['0o17', 15],
    ['0b11', 3],
    ['6e8', 600_000_000],
    ['1.5e1', 15],
    ['+7', 7],
  ])('reads the integer %s as Go does', (text, value) => {
    expect(readScalar(plain(text), integer, '')).toEqual({ value });
  });

  it.each(['1.5', '4x', 'four', '1e-1', '0x', '9007199254740993000'])('refuses the integer %s', (text) => {
    expect(readScalar(plain(text), integer, '')).toHaveProperty('message');
  });

  it('takes a quoted duration and text, but no quoted number and boolean', () => {
    expect(readScalar(quoted('5m'), duration, '5m')).toEqual({ value: 300_000 });
    expect(readScalar(quoted(''), { type: 'text' }, '')).toEqual({ value: '' });
    expect(readScalar(quoted('4'), integer, '4')).toEqual({
      message: '"4" is not a whole number, because it is in quotes',
      remedy: 'Write a plain whole number of 0 or more, such as the default of 4.',
    });
    expect(readScalar(quoted('true'), { type: 'boolean' }, 'false')).toEqual({
      message: '"true" is not a boolean, because it is in quotes',
      remedy: 'Write true or false, without quotes.',
    });
  });

  it.each(['', '~', 'null'])('leaves the default for a plain "%s"', (text) => {
    expect(readScalar(plain(text), duration, '5m')).toEqual({ absent: true });
  });

  it.each([
    ['true', true],
    ['yes', true],
    ['On', true],
    ['false', false],
    ['NO', false],
  ])('reads the boolean %s', (text, value) => {
    expect(readScalar(plain(text), { type: 'boolean' }, 'false')).toEqual({ value });
  });

  it.each([
    ['600MB', 'write 600000000.'],
    ['600 MB', 'write 600000000.'],
    ['600M', 'write 600000000.'],
    ['600mb', 'write 600000000.'],
    ['1.5GiB', 'write 1610612736.'],
    ['64kib', 'write 65536.'],
    ['5x', 'write 0 or more.'],
  ])('says what %s is in bytes', (text, remedy) => {
    expect(readScalar(plain(text), anyBytes, '')).toEqual({
      message: `"${text}" is not a whole number of bytes`,
      remedy: `Tempo wants a plain integer of bytes: ${remedy}`,
    });
  });

  it('reads a part size, 0 as what minio-go makes of it', () => {
    expect(readScalar(plain('5242880'), partSize, '')).toEqual({ value: 5_242_880 });
    expect(readScalar(plain('5368709120'), partSize, '')).toEqual({ value: 5_368_709_120 });
    expect(readScalar(plain('0'), partSize, '')).toEqual({ value: 16_777_216 });
  });

  const range = 'write 5242880 (5MiB) to 5368709120 (5GiB), or 0 for the default of 16MiB.';
  it.each([
    ['1KB', '"1KB" is not a whole number of bytes', `Tempo wants a plain integer of bytes: ${range}`],
    ['8MiB', '"8MiB" is not a whole number of bytes', 'Tempo wants a plain integer of bytes: write 8388608.'],
    ['1', '"1" is less than S3 takes for a part: every upload of more than one part would fail', `W${range.slice(1)}`],
    [
      '5242879',
      '"5242879" (5MiB) is less than S3 takes for a part: every upload of more than one part would fail',
      `W${range.slice(1)}`,
    ],
    ['6442450944', '"6442450944" (6GiB) is more than S3 takes for a part', `W${range.slice(1)}`],
    ['-1', '"-1" is impossible', `W${range.slice(1)}`],
  ])('refuses the part size %s', (text, message, remedy) => {
    expect(readScalar(plain(text), partSize, '')).toEqual({ message, remedy });
  });

  it.each([
    ['-5m', '"-5m" is negative'],
    ['0s', '"0s" leaves no time at all'],
    ['0', '"0" leaves no time at all'],
    ['30', '"30" has no unit, and Tempo would take it for nanoseconds'],
    ['1d', '"1d" is no duration'],
    ['five minutes', 'this text of 12 characters is no duration'],
  ])('refuses the duration %s', (text, message) => {
    expect(readScalar(plain(text), duration, '5m')).toEqual({
      message,
      remedy: 'Write a duration above 0s, such as 5m.',
    });
  });

  it('takes 0s where it means off', () => {
    expect(readScalar(plain('0s'), { type: 'duration', min: 'zero' }, '0s')).toEqual({ value: 0 });
  });

  it('reads what only --set and deployment files have', () => {
    expect(readScalar(plain('1s, 2m'), { type: 'durations' }, '')).toEqual({ value: [1000, 120_000] });
    expect(readScalar(plain('1s,0s'), { type: 'durations' }, '30s')).toHaveProperty('message');
    expect(readScalar(plain('unlimited'), { type: 'retries' }, '')).toEqual({ value: 'unlimited' });
    expect(readScalar(plain('0'), { type: 'retries' }, '')).toEqual({ value: 0 });
    expect(readScalar(plain('-1'), { type: 'retries' }, 'unlimited')).toHaveProperty('message');
    expect(readScalar(plain('svc.cluster.local, local.'), { type: 'domains' }, '')).toEqual({
      value: ['svc.cluster.local', 'local'],
    });
    expect(readScalar(plain('none'), { type: 'domains' }, '')).toEqual({ value: [] });
    for (const wrong of ['a,,b', 'a..b', '-a', '.', 'a b', `${'a'.repeat(64)}.b`, 'ä.test']) {
      expect(readScalar(plain(wrong), { type: 'domains' }, ''), wrong).toHaveProperty('message');
    }
    expect(readScalar(plain('30GB'), { type: 'size' }, '')).toEqual({ value: 30e9 });
    expect(readScalar(plain('0B'), { type: 'size' }, '10GiB')).toHaveProperty('message');
    expect(readScalar(plain('0.5'), { type: 'number', min: 'above zero' }, '')).toEqual({ value: 0.5 });
    expect(readScalar(plain('0'), { type: 'number', min: 'above zero' }, '1')).toHaveProperty('message');
  });
});

describe('shown', () => {
  it.each(['5m', '-5m', '1h30m', '600MB', '600 MB', '1.5', 'true', '1KB/s'])('shows %s, which is no secret', (text) => {
    expect(shown(plain(text))).toBe(`"${text}"`);
  });

  it.each(['AKIAIOSFODNN7EXAMPLE', 'hunter2', 'wJalrXUtnFEMI/K7MDENG', '12345678901234567', 'x'])(
    'only counts %s',
    (text) => {
      expect(shown(plain(text))).toBe(`this text of ${text.length} character${text.length === 1 ? '' : 's'}`);
    },
  );
});
