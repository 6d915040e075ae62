import type { S3Settings } from '../tempo/settings.ts';

/**
 * Whether the bucket goes into the path, or into the name of the host: `forcepathstyle`, else `bucket_lookup_type` (1
 * virtual-host, 2 path, 0 as minio-go sees fit, which is the path for every endpoint that is not a cloud's own).
 */
export function usesPathStyle(s3: Pick<S3Settings, 'forcePathStyle' | 'bucketLookupType'>): boolean {
  return s3.forcePathStyle || s3.bucketLookupType !== 1;
}
