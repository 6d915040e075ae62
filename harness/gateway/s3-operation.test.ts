import { describe, expect, it } from 'vitest';
import { identify } from './s3-operation.ts';

const copy = { 'x-amz-copy-source': '/b/other' };

describe('identify', () => {
  it.each([
    ['GET', '/', {}, 'ListBuckets'],
    ['POST', '/', {}, 'Unknown'],
    ['GET', '/b?location', {}, 'GetBucketLocation'],
    ['GET', '/b/?location=', {}, 'GetBucketLocation'],
    ['GET', '/b?uploads', {}, 'ListMultipartUploads'],
    ['GET', '/b?list-type=2&prefix=a%2Fb', {}, 'ListObjectsV2'],
    ['GET', '/b/?prefix=policy&delimiter=/', {}, 'ListObjects'],
    ['GET', '/b', {}, 'ListObjects'],
    ['GET', '/b?versions', {}, 'Unknown'],
    ['GET', '/b?policy', {}, 'Unknown'],
    ['HEAD', '/b', {}, 'HeadBucket'],
    ['HEAD', '/b/', {}, 'HeadBucket'],
    ['PUT', '/b', {}, 'CreateBucket'],
    ['PUT', '/b?versioning', {}, 'Unknown'],
    ['DELETE', '/b', {}, 'DeleteBucket'],
    ['DELETE', '/b?lifecycle', {}, 'Unknown'],
    ['POST', '/b?delete', {}, 'DeleteObjects'],
    ['POST', '/b', {}, 'Unknown'],
    ['GET', '/b/k?x-id=GetObject', {}, 'GetObject'],
    ['GET', '/b/k?X-Amz-Signature=acl&versionId=1', {}, 'GetObject'],
    ['GET', '/b/k?acl', {}, 'Unknown'],
    ['GET', '/b/k?uploadId=u', {}, 'ListParts'],
    ['HEAD', '/b/k', {}, 'HeadObject'],
    ['PUT', '/b/k?x-id=PutObject', {}, 'PutObject'],
    ['PUT', '/b/k?tagging', {}, 'Unknown'],
    ['PUT', '/b/k', copy, 'CopyObject'],
    ['PUT', '/b/k?partNumber=3&uploadId=u', {}, 'UploadPart'],
    ['PUT', '/b/k?partNumber=3&uploadId=u', copy, 'UploadPartCopy'],
    ['POST', '/b/k?uploads', {}, 'CreateMultipartUpload'],
    ['POST', '/b/k?uploads=', {}, 'CreateMultipartUpload'],
    ['POST', '/b/k?uploadId=u', {}, 'CompleteMultipartUpload'],
    ['POST', '/b/k?restore', {}, 'Unknown'],
    ['DELETE', '/b/k?uploadId=u', {}, 'AbortMultipartUpload'],
    ['DELETE', '/b/k', {}, 'DeleteObject'],
    ['PATCH', '/b/k', {}, 'Unknown'],
  ])('%s %s is named', (method, target, headers, operation) => {
    expect(identify(method, target, headers).operation).toBe(operation);
  });

  it.each([
    ['/b/single/tenant/data.parquet', 'single/tenant/data.parquet'],
    ['/b/a%20b%2Bc+d', 'a b+c+d'],
    ['/b/%C3%BC%2Fslash', 'ü/slash'],
    ['/b//double//slash/', '/double//slash/'],
    ['/b/100%', '100%'],
  ])('decodes the key of %s', (target, key) => {
    expect(identify('PUT', target, {})).toEqual({ operation: 'PutObject', bucket: 'b', key });
  });

  it('gives part number and upload id, decoded', () => {
    expect(identify('PUT', '/b/k?partNumber=12&uploadId=a%2Bb%3D', {})).toEqual({
      operation: 'UploadPart',
      bucket: 'b',
      key: 'k',
      partNumber: 12,
      uploadId: 'a+b=',
    });
  });

  it('takes the bucket from the Host, when that is a name below the domain', () => {
    const virtual = identify('PUT', '/a/b', { host: 'Lease-1.S3.chaos.test:9000' }, 's3.chaos.test');
    expect(virtual).toEqual({ operation: 'PutObject', bucket: 'lease-1', key: 'a/b' });
    expect(identify('GET', '/?list-type=2', { host: 'b.s3.chaos.test' }, 's3.chaos.test').operation).toBe(
      'ListObjectsV2',
    );
  });

  it('is path-style on the domain itself, on an address, and without a domain', () => {
    for (const [host, domain] of [
      ['s3.chaos.test:9000', 's3.chaos.test'],
      ['127.0.0.1:9000', 's3.chaos.test'],
      ['b.s3.chaos.test', undefined],
    ] as const) {
      expect(identify('PUT', '/a/b', { host }, domain)).toMatchObject({ bucket: 'a', key: 'b' });
    }
  });

  it('reads a whole URL as target', () => {
    expect(identify('GET', 'http://s3.chaos.test:9000/b/k', {})).toMatchObject({ bucket: 'b', key: 'k' });
  });
});
