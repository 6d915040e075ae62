import { describe, expect, it } from 'vitest';
import { asksAgain, clientRegion, isAboutRegion, regionOf } from './bucket-region.ts';
import { S3Error, TransportError } from './s3-operations.ts';

describe('the region that the client can tell', () => {
  it.each([
    ['s3.us-west-2.amazonaws.com', 'us-west-2'],
    ['s3.us-west-2.amazonaws.com:443', 'us-west-2'],
    ['s3-eu-west-1.amazonaws.com', 'eu-west-1'],
    ['s3.dualstack.eu-central-1.amazonaws.com', 'eu-central-1'],
    ['s3-fips.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['s3-fips.dualstack.us-gov-west-1.amazonaws.com', 'us-gov-west-1'],
    ['s3.cn-north-1.amazonaws.com.cn', 'cn-north-1'],
    ['bucket.vpce-1a2b-3c4d.s3.us-east-1.vpce.amazonaws.com', 'us-east-1'],
    ['s3.amazonaws.com', ''],
    ['s3-external-1.amazonaws.com', ''],
    ['s3-website-elb.us-east-1.amazonaws.com', ''],
    ['minio.example:9000', ''],
    ['', ''],
  ])('by the endpoint %s: %j', (endpoint, expected) => {
    expect(clientRegion({ region: '', endpoint })).toBe(expected);
    expect(clientRegion({ region: 'eu-north-1', endpoint })).toBe('eu-north-1');
  });
});

it.each([
  ['', 'us-east-1'],
  ['EU', 'eu-west-1'],
  ['ap-south-1', 'ap-south-1'],
])('location constraint %j is region %s', (constraint, expected) => expect(regionOf(constraint)).toBe(expected));

const s3 = (status: number, code?: string) => new S3Error('GetBucketLocation', '', status, code, 'x');

it.each([
  [403, 'AccessDenied', true],
  // No document: minio-go takes the status for it.
  [403, undefined, true],
  [400, 'AuthorizationHeaderMalformed', true],
  [400, 'InvalidRegion', true],
  [403, 'SignatureDoesNotMatch', false],
  [503, undefined, false],
])('%i %s may be about the region: %s', (status, code, expected) =>
  expect(isAboutRegion(s3(status, code))).toBe(expected),
);

it('asks again for the sake of a code alone', () => {
  expect(asksAgain(s3(503, 'SlowDown'))).toBe(true);
  expect(asksAgain(s3(503, undefined))).toBe(false);
  expect(asksAgain(s3(503, 'ServiceUnavailable'))).toBe(false);
  expect(asksAgain(new TransportError('GetBucketLocation', '', 'reset', 'EOF'))).toBe(false);
});
