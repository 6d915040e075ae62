/** Settings to test with: those of the usual config, without a file. */
import { parseTempoConfig } from '../tempo/config.ts';
import type { TempoSettings } from '../tempo/settings.ts';

const yaml = 'storage: {trace: {backend: s3, s3: {bucket: tempo, endpoint: s3.example.com, insecure: true}}}';

/** Tempo's defaults, over plain HTTP, with these overrides. */
export function exampleSettings(...set: string[]): TempoSettings {
  return parseTempoConfig(yaml, 'tempo.yaml', { env: {}, set }).settings;
}
