/** A verdict that can be trusted: what is done behind the harness's back is seen, and never passes. */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import type { Lease } from '../harness/environment/lease.ts';
import { because, realHarness } from './real-harness.ts';

function directly({ direct, credentials }: Lease): S3Client {
  return new S3Client({
    endpoint: `http://${direct.host}:${direct.port}`,
    region: 'us-west-2',
    credentials,
    forcePathStyle: true,
  });
}

async function someKey(client: S3Client, bucket: string, ending: string): Promise<string> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  const key = Contents.map(({ Key }) => Key as string).find((name) => name.endsWith(ending));
  if (!key) throw new Error(`no object ends in ${ending}`);
  return key;
}

describe('what is done behind the harness', () => {
  const real = realHarness();

  it.concurrent.each(['data.parquet', 'bloom-0', 'index', 'meta.json'])(
    'a %s deleted is a loss that durability names',
    async (name) => {
      let deleted = '';
      const result = await real.runNamed('healthy', 'aws-sdk', {
        sabotage: {
          async beforeFinalRead(lease) {
            const client = directly(lease);
            deleted = await someKey(client, lease.bucket, name);
            await client.send(new DeleteObjectCommand({ Bucket: lease.bucket, Key: deleted }));
          },
        },
      });
      const durability = result.findings.find(({ checker }) => checker === 'durability');
      const block = deleted.split('/').at(-2) as string;
      expect(result.verdict, because(result)).toBe('fail');
      expect(durability, because(result)).toMatchObject({ verdict: 'fail', blocks: [block] });
      expect(durability?.message).toContain(block);
      expect(result.blocks.lost).toBe(1);
    },
  );

  it.concurrent('one byte flipped is a loss that durability names', async () => {
    let altered = '';
    const result = await real.runNamed('healthy', 'minio', {
      sabotage: {
        async beforeFinalRead(lease) {
          const client = directly(lease);
          altered = await someKey(client, lease.bucket, 'data.parquet');
          const object = await client.send(new GetObjectCommand({ Bucket: lease.bucket, Key: altered }));
          const bytes = await object.Body?.transformToByteArray();
          if (!bytes) throw new Error('the object is empty');
          bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] as number) ^ 1;
          await client.send(new PutObjectCommand({ Bucket: lease.bucket, Key: altered, Body: bytes }));
        },
      },
    });
    const durability = result.findings.find(({ checker }) => checker === 'durability');
    expect(result.verdict, because(result)).toBe('fail');
    expect(durability, because(result)).toMatchObject({ verdict: 'fail', blocks: [altered.split('/').at(-2)] });
    expect(result.blocks.lost).toBe(1);
  });

  it.concurrent.each(['regional-latency', 'capped-uplink'])(
    '%s with Toxiproxy bypassed proves nothing',
    async (scenario) => {
      const result = await real.runNamed(scenario, 'aws-sdk', {
        sabotage: { endpoint: ({ edge }) => ({ host: edge.host, port: edge.port }) },
      });
      expect(result.verdict, because(result)).toBe('inconclusive');
      expect(result.asExpected).toBe(false);
      expect(result.findings.find(({ checker }) => checker === 'fault-fired')?.verdict, because(result)).toBe(
        'inconclusive',
      );
    },
  );

  it.concurrent('jitter as large as the latency does not hide that Toxiproxy was bypassed', async () => {
    const result = await real.runNamed('suites/trust/all-jitter.yaml', 'minio', {
      sabotage: { endpoint: ({ edge }) => ({ host: edge.host, port: edge.port }) },
    });
    expect(result.verdict, because(result)).toBe('inconclusive');
    expect(result.findings.find(({ checker }) => checker === 'fault-fired')?.verdict).toBe('inconclusive');
  });

  it.concurrent('requests that go past the gateway prove nothing', async () => {
    const result = await real.runNamed('healthy', 'minio', {
      // MinIO's own address is no name that a bucket could stand before.
      set: ['storage.trace.s3.forcepathstyle=true'],
      sabotage: { endpoint: ({ direct }) => direct },
    });
    expect(result.verdict, because(result)).toBe('inconclusive');
    expect(because(result)).toContain('did not pass the gateway');
    expect(result.blocks.flushed).toBe(result.blocks.cut);
  });

  it.concurrent('a fault that cannot be healed fails the run', async () => {
    const result = await real.runNamed('regional-latency', 'minio', {
      sabotage: {
        endpoint(lease) {
          lease.proxy.removeToxic = () => Promise.reject(new Error('Toxiproxy does not answer'));
          return lease.endpoint;
        },
      },
    });
    expect(result.verdict, because(result)).toBe('fail');
    expect(because(result)).toContain('Toxiproxy does not answer');
  });
});
