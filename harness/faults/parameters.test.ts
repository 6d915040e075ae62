import { expect, it } from 'vitest';
import type { z } from 'zod';
import { byteSize, duration, positiveDuration, probability, rate, share, sizeOrShare } from './parameters.ts';

/** What it is parsed to, or why it is refused. */
function read(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ message }) => message).join('; ');
}

it.each([
  ['a duration', duration(), '1m30s', 90_000],
  ['a duration', duration(), '0s', 0],
  ['a duration', duration(), 0, 0],
  ['a duration', duration(), 5, expect.stringMatching(/^"5" is no duration, its unit is missing/)],
  ['a duration', duration(), '-5s', expect.stringMatching(/^"-5s" is negative/)],
  ['a duration', duration(), true, 'expected a duration, like 500ms or 2m'],
  ['a duration', duration(), ['5s'], 'expected a duration, like 500ms or 2m'],
  ['a duration over 0', positiveDuration(), '1ns', 0.000001],
  [
    'a duration over 0',
    positiveDuration(),
    '0s',
    '"0s" is nothing at all: expected a duration over 0, like 500ms or 2m',
  ],
  ['a rate', rate(), '1MiB/s', 1_048_576],
  ['a rate', rate(), '20MB/s', 20_000_000],
  ['a rate', rate(), '20MB', expect.stringMatching(/^"20MB" is no rate, "\/s" is missing/)],
  ['a rate', rate(), '0', '"0" is nothing at all: expected a rate over 0, like 20MB/s or 512KiB/s'],
  ['a rate', rate(), null, 'expected a rate, like 20MB/s or 512KiB/s'],
  ['a size', byteSize(), '500MiB', 524_288_000],
  ['a size', byteSize(), 500, expect.stringMatching(/^"500" is no size, its unit is missing/)],
  ['a share', share(), 0.999, 0.999],
  ['a share', share(), 0, 'a share of 0 is always reached: expected more than 0, like 0.99'],
  ['a share', share(), '99%', 'expected a share, like 0.99'],
  ['a size or a share', sizeOrShare(), '2GB', { bytes: 2e9 }],
  ['a size or a share', sizeOrShare(), '12.5%', { share: 0.125 }],
  ['a size or a share', sizeOrShare(), '100 %', { share: 1 }],
  ['a size or a share', sizeOrShare(), '101%', '"101%" is more than all: expected 100% at most'],
  ['a size or a share', sizeOrShare(), '0%', expect.stringMatching(/^"0%" is nothing at all/)],
  [
    'a size or a share',
    sizeOrShare(),
    0.8,
    expect.stringMatching(/^"0.8" is no size, its unit is missing.* or a share such as 80%$/),
  ],
  ['a size or a share', sizeOrShare(), true, 'expected a size or a share, like 2GB or 80%'],
  ['a probability', probability(), 1, 1],
  ['a probability', probability(), 0.001, 0.001],
  ['a probability', probability(), 0, 'a probability of 0 never fires: expected more than 0, like 0.5'],
  ['a probability', probability(), 1.01, 'expected a probability of 1 at most, like 0.5'],
  ['a probability', probability(), '50%', 'expected a probability, like 0.5'],
  ['a probability', probability(), Number.NaN, 'expected a probability, like 0.5'],
])('%s', (_kind, schema, value, result) => {
  expect(read(schema, value)).toEqual(result);
});
