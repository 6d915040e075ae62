import { expect, it } from 'vitest';
import { usesPathStyle } from './path-style.ts';

const own = { endpoint: 'minio.example:9000', insecure: false, bucket: 'tempo' };

it.each([
  [false, 0, true],
  [false, 1, false],
  [false, 2, true],
  [true, 0, true],
  // As in Tempo, forcepathstyle wins.
  [true, 1, true],
] as const)('forcepathstyle %s, bucket_lookup_type %i: path-style %s', (forcePathStyle, bucketLookupType, expected) => {
  expect(usesPathStyle({ ...own, forcePathStyle, bucketLookupType })).toBe(expected);
});

it.each([
  ['s3.amazonaws.com', false],
  ['s3.us-west-2.amazonaws.com', false],
  ['s3.dualstack.eu-central-1.amazonaws.com:443', false],
  ['s3-external-1.amazonaws.com', false],
  ['s3.cn-north-1.amazonaws.com.cn', false],
  ['storage.googleapis.com', false],
  ['oss-cn-hangzhou.aliyuncs.com', false],
  ['internal-s3.elb.us-west-2.amazonaws.com', true],
  ['s3.example.com', true],
  ['', true],
])('with neither of them, endpoint %s: path-style %s', (endpoint, expected) => {
  const auto = { ...own, endpoint, forcePathStyle: false, bucketLookupType: 0 } as const;
  expect(usesPathStyle(auto)).toBe(expected);
  // No certificate is for two labels.
  expect(usesPathStyle({ ...auto, bucket: 'tempo.traces' })).toBe(true);
  expect(usesPathStyle({ ...auto, bucket: 'tempo.traces', insecure: true })).toBe(expected);
  expect(usesPathStyle({ ...auto, forcePathStyle: true })).toBe(true);
  expect(usesPathStyle({ ...auto, bucketLookupType: 2 })).toBe(true);
});
