import { expect, it } from 'vitest';
import { Compression } from '../scenario/compression.ts';
import { usualConfig } from '../scenario/shipped.ts';
import { readTempoConfig } from '../tempo/config.ts';
import { uncompressed } from './uncompressed.ts';

it.each([
  ['2.9', 20, 25],
  ['3.0', 15, 200],
  ['2.7', 1, 1],
])('settings of Tempo %s, %s times compressed, are what they were', async (version, time, bytes) => {
  const set = [`tempo.version=${version}`];
  const { settings } = await readTempoConfig(usualConfig, { set });
  const compressed = new Compression(time, bytes).settings(settings);
  const again = uncompressed(compressed, { time, bytes });
  expect(again.policy).toEqual(settings.policy);
  expect(again.blocks).toEqual(settings.blocks);
  expect(again.s3).toEqual(settings.s3);
  expect(again.other).toEqual(settings.other);
  expect(again.deployment).toEqual(settings.deployment);
});
