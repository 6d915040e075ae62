/** For tests: a real MinIO of the native environment, with one bucket. */
import { native } from '../environment/native.ts';
import { openRegister } from '../environment/register.ts';
import { createBucket, type DirectBucket, deleteBucket } from './bucket.ts';

/** The region of the deployment that the default config is. */
const REGION = 'us-west-2';

export interface RealMinio extends AsyncDisposable {
  bucket: DirectBucket;
}

/** Starts it. Disposing deletes the bucket, ends MinIO, and fails if either does. */
export async function startRealMinio(bucketName: string): Promise<RealMinio> {
  const register = await openRegister(() => {});
  const environment = await native.start(() => {}, register);
  const bucket = { ...environment.minio, bucket: bucketName, region: REGION };
  await createBucket(bucket);
  return {
    bucket,
    async [Symbol.asyncDispose]() {
      await deleteBucket(bucket);
      await environment[Symbol.asyncDispose]();
      await register[Symbol.asyncDispose]();
    },
  };
}
