import type { S3Settings } from '../tempo/settings.ts';
import { hostOf, isAwsEndpoint } from './bucket-region.ts';

/**
 * Whether the bucket goes into the path, or into the name of the host: `forcepathstyle`, else `bucket_lookup_type` (1
 * virtual-host, 2 path, 0 as minio-go sees fit: the name for an endpoint of AWS, Google or Aliyun, unless TLS is spoken to a bucket with
 * a dot in its name, whose certificate would not fit; the path for every other).
 */
export function usesPathStyle(
  s3: Pick<S3Settings, 'forcePathStyle' | 'bucketLookupType' | 'endpoint' | 'insecure' | 'bucket'>,
): boolean {
  if (s3.forcePathStyle || s3.bucketLookupType === 2) return true;
  if (s3.bucketLookupType === 1) return false;
  if (!s3.insecure && s3.bucket.includes('.')) return true;
  return !isCloudEndpoint(s3.endpoint);
}

function isCloudEndpoint(endpoint: string): boolean {
  const host = hostOf(endpoint);
  return isAwsEndpoint(endpoint) || host === 'storage.googleapis.com' || host.endsWith('aliyuncs.com');
}
