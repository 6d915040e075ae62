/** The settings of a recorded Tempo, and a load that makes our writer cut one block of the recorded size. */

import type { WriterAssignment } from '../../subject/protocol.ts';
import { ConfigError } from '../../tempo/config-error.ts';
import { tempoDefaults } from '../../tempo/defaults.ts';
import { parseGoDuration } from '../../tempo/go-duration.ts';
import { withSetOptions } from '../../tempo/set-option.ts';
import type { TempoSettings, TempoVersion } from '../../tempo/settings.ts';
import { PUSHES_PER_SWEEP } from '../../writer/intake.ts';
import { type Recording, RecordingError } from './recording.ts';
import type { WaitBounds } from './steps.ts';

/** Where a recording's config keys are in Tempo's config. */
const BLOCKS = ['storage.trace.s3', 'ingester'];

/** Uncompressed: Tempo's defaults, and what the recording's config says. @throws RecordingError */
export function recordedSettings({ name, tempo, config }: Recording): TempoSettings {
  let settings = tempoDefaults(versionOf(name, tempo));
  for (const [key, value] of Object.entries(config)) settings = withKey(name, settings, key, String(value));
  return settings;
}

function versionOf(name: string, tempo: string): TempoVersion {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(tempo) ?? [];
  if (major === '2') return Number(minor) < 8 ? '2.7' : '2.9';
  if (major === '3') return '3.0';
  throw new RecordingError([
    {
      where: `${name}: tempo`,
      message: `${JSON.stringify(tempo)} is no version whose way of writing is known`,
      remedy: 'a version of Tempo 2 or 3, as v2.9.5',
    },
  ]);
}

function withKey(name: string, settings: TempoSettings, key: string, value: string): TempoSettings {
  const refusals: string[] = [];
  for (const block of BLOCKS) {
    try {
      return withSetOptions(settings, [`${block}.${key}=${value}`]);
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      refusals.push(error.message);
    }
  }
  throw new RecordingError([
    {
      where: `${name}: config.${key}`,
      message: `neither of ${BLOCKS.join(' and ')} takes ${key}=${value}: ${refusals.join('; ')}`,
      remedy: 'a key of one of these blocks of the config that has to do with writing',
    },
  ]);
}

/** minio-go's DefaultRetryUnit and DefaultRetryCap. */
const BACKOFF = { unit: '200ms', cap: '1s' };

/** What bounds its client's waits: minio-go's own constants, or what a Tempo 3 has in their place. */
export function recordedBounds({ config }: Recording): WaitBounds {
  return {
    backoffUnit: parseGoDuration(String(config.retry_backoff_initial ?? BACKOFF.unit)),
    backoffCap: parseGoDuration(String(config.retry_backoff_max ?? BACKOFF.cap)),
  };
}

/** Bytes of data.parquet: of its one request, or of the parts of its upload. @throws RecordingError when it has none. */
export function recordedDataBytes({ name, requests }: Recording): number {
  const data = requests.filter(({ method, path }) => method === 'PUT' && /\/data\.parquet(\?|$)/.test(path));
  const sizes = new Map(data.map(({ path, bytes }) => [path, bytes]));
  const bytes = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  if (bytes > 0) return bytes;
  throw new RecordingError([
    {
      where: `${name}: requests`,
      message: 'none of them sends data.parquet',
      remedy: 'record a block from its first request to its last',
    },
  ]);
}

/** One block of exactly so many bytes: all of them come with the first push, and the next sweep cuts it. `settings`: compressed. */
export function loadOfOneBlock(dataBytes: number, { policy }: TempoSettings): WriterAssignment['load'] {
  const untilFirstPush = policy.flushCheckPeriod / PUSHES_PER_SWEEP;
  return { bytesPerSecond: (dataBytes / untilFirstPush) * 1000, blocks: 1, startAfter: 0, wholeBlooms: true };
}
