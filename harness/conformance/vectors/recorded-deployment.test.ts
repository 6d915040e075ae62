import { expect, it } from 'vitest';
import { changed, shippedRecording } from './example-recordings.ts';
import { loadOfOneBlock, recordedBounds, recordedDataBytes, recordedSettings } from './recorded-deployment.ts';

const hang = shippedRecording('hang-on-data-deadline-10s');

it('takes the config of the recording over the defaults of its version', () => {
  const { version, policy, s3 } = recordedSettings(hang);
  expect({ version, ...policy, ...s3 }).toMatchObject({
    ...{ version: '2.9', flushOpTimeout: 10_000, concurrentFlushes: 4, partSize: 5_242_880 },
    ...{ insecure: true, forcePathStyle: true },
  });
  const of3 = changed(hang, (copy) => {
    copy.tempo = 'v3.0.3';
    copy.config = {};
  });
  expect(recordedSettings(of3).version).toBe('3.0');
});

it('refuses a key that it does not know, and a version', () => {
  const withKey = changed(hang, ({ config }) => Object.assign(config, { part_sise: 1 }));
  expect(() => recordedSettings(withKey)).toThrow(
    /^hang-on-data-deadline-10s: config\.part_sise: neither of storage\.trace\.s3 and ingester takes part_sise=1: /,
  );
  const of1 = changed(hang, (copy) => {
    copy.tempo = 'v1.5';
  });
  expect(() => recordedSettings(of1)).toThrow('hang-on-data-deadline-10s: tempo: "v1.5" is no version');
});

it('finds the size of data.parquet, however it was sent and how often', () => {
  expect(recordedDataBytes(hang)).toBe(442_514);
  expect(recordedDataBytes(shippedRecording('multipart-slowdown-2-on-part'))).toBe(2 * 5_242_880 + 1_948_949);
  const none = changed(hang, (copy) => {
    copy.requests = copy.requests.filter(({ path }) => !path.endsWith('data.parquet'));
  });
  expect(() => recordedDataBytes(none)).toThrow('hang-on-data-deadline-10s: requests: none of them sends data.parquet');
});

it('makes a load of one block that comes with the first push', () => {
  const settings = recordedSettings(hang);
  // A push each second, ten for each sweep.
  expect(loadOfOneBlock(442_514, settings)).toMatchObject({ bytesPerSecond: 442_514, blocks: 1, wholeBlooms: true });
});

it('holds waits to the bounds of minio-go, or to those that a Tempo 3 was told', () => {
  expect(recordedBounds(hang)).toEqual({ backoffUnit: 200, backoffCap: 1000 });
  const told = changed(hang, (copy) => {
    copy.config = { retry_backoff_initial: '1s', retry_backoff_max: '4s' };
  });
  expect(recordedBounds(told)).toEqual({ backoffUnit: 1000, backoffCap: 4000 });
});
