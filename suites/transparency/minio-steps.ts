/** S3 operations by the minio client as it comes. */
import { createHash } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, type RequestOptions, request } from 'node:http';
import type { Readable } from 'node:stream';
import { Client, type ClientOptions } from 'minio';
import type { Target } from './aws-sdk-steps.ts';
import { keys, pattern, sizes } from './inputs.ts';
import { type Step, Steps } from './wire-answer.ts';

export async function minioSteps({ host, port, bucket, credentials }: Target): Promise<Step[]> {
  const { taken, take, step } = new Steps((error) => `${(error as Error & { code?: string }).code}: ${error.message}`);
  const transport = {
    request(options: RequestOptions, answered?: (answer: IncomingMessage) => void): ClientRequest {
      const sent = request(options, answered);
      sent.once('response', ({ statusCode, rawHeaders }) => take({ status: statusCode as number, rawHeaders }));
      return sent;
    },
  };
  const options: ClientOptions = {
    endPoint: host,
    port,
    useSSL: false,
    region: 'us-east-1',
    accessKey: credentials.accessKeyId,
    secretKey: credentials.secretAccessKey,
    transport: transport as never,
    retryOptions: { disableRetry: true },
  };
  const s3 = new Client(options);
  const read = async (body: Readable) => {
    const hash = createHash('sha256');
    for await (const chunk of body) hash.update(chunk);
    return hash.digest('hex');
  };
  const get = async (key: string) => read(await s3.getObject(bucket, key));

  for (const size of sizes) {
    await step(`put ${size}`, () => s3.putObject(bucket, `size-${size}`, pattern(size)));
    await step(`get ${size}`, () => get(`size-${size}`));
  }
  for (const key of keys) {
    await step(`put key ${key}`, () => s3.putObject(bucket, `keys/${key}`, Buffer.from(key)));
    await step(`get key ${key}`, () => get(`keys/${key}`));
  }
  await step('range', async () => read(await s3.getPartialObject(bucket, 'size-65537', 1000, 5000)));
  await step('stat', async () => {
    const { size, etag, metaData } = await s3.statObject(bucket, 'size-4096');
    return { size, etag, metaData };
  });
  await step('stat of nothing', () => s3.statObject(bucket, 'nothing'));
  await step('get of nothing', () => get('nothing'));
  await step('multipart', async () => {
    const large = new Client({ ...options, partSize: 5 << 20 });
    return large.putObject(bucket, 'multipart', pattern(12 << 20), 12 << 20);
  });
  await step('get multipart', () => get('multipart'));
  await step('list', async () => {
    const listed: string[] = [];
    for await (const { name, size } of s3.listObjectsV2(bucket, '', true)) listed.push(`${name} ${size}`);
    return listed;
  });
  await step('presigned', async () => {
    const url = await s3.presignedGetObject(bucket, 'size-4096', 60);
    const answer = await fetch(url);
    return { status: answer.status, bytes: (await answer.arrayBuffer()).byteLength };
  });
  await step('presigned put', async () => {
    const url = await s3.presignedPutObject(bucket, 'presigned', 60);
    const answer = await fetch(url, { method: 'PUT', body: new Uint8Array(pattern(3000)) });
    return { status: answer.status, etag: answer.headers.get('etag') };
  });
  await step('remove', () => s3.removeObject(bucket, 'size-0'));
  await step('remove many', () => s3.removeObjects(bucket, ['size-1', 'nothing']));
  return taken;
}
