/** What a config's settings mean for its writes to S3, in plain words, for whoever operates it. */
import { tempoDefaults } from './defaults.ts';
import { roughDuration } from './go-duration.ts';
import { intakeNotes } from './intake-notes.ts';
import { localNotes } from './local-notes.ts';
import { retryNotes } from './retry-notes.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';
import { uploadNotes } from './upload-notes.ts';
import { writerKeys } from './writer-keys.ts';

/**
 * Every note, in the order of a write's way: what comes in, upload, retries, flush queue, local disk, visibility, and what has no
 * effect.
 */
export function checkSettings(settings: TempoSettings): SettingNote[] {
  const keys = writerKeys(settings.version);
  return [
    ...intakeNotes(settings, keys),
    ...uploadNotes(settings, keys),
    ...retryNotes(settings, keys),
    ...localNotes(settings, keys),
    ...withoutEffect(settings),
  ];
}

/** The settings of grafana/tempo#4361 first, then others that are often tried. */
function withoutEffect({ version, s3, other }: TempoSettings): SettingNote[] {
  const note = (setting: string, message: string): SettingNote => ({
    level: 'ok',
    setting,
    message: `no effect on a write: ${message}`,
  });
  const defaults = tempoDefaults(version);
  return [
    note(
      'storage.trace.pool.queue_depth',
      `${other.poolQueueDepth} reads (look-ups by trace ID) may wait for ${other.poolMaxWorkers} workers`,
    ),
    ...(other.poolMaxWorkers === defaults.other.poolMaxWorkers
      ? []
      : [note('storage.trace.pool.max_workers', `${other.poolMaxWorkers} workers read`)]),
    ...(version === '3.0'
      ? []
      : [
          note(
            'compactor.compaction.max_time_per_tenant',
            `${roughDuration(other.maxTimePerTenant)} of compaction for each tenant in turn; compactors share the way to S3, not the ingesters' queues`,
          ),
        ]),
    ...(s3.hedgeRequestsAt > 0 ? [note('storage.trace.s3.hedge_requests_at', 'only GET requests are hedged')] : []),
  ];
}
