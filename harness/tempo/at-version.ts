/** A deployment as it would be with another version of Tempo, its config migrated and nothing else changed. */
import { tempoDefaults } from './defaults.ts';
import type { TempoSettings, TempoVersion } from './settings.ts';

/**
 * 1. Where the settings have the default of their version, they get that of the other one.
 * 2. Between the ingester (2.7, 2.9) and the live-store (3.0), what belongs to either is not carried over, as `tempo-cli migrate
 *    config` drops the block `ingester`: flush queues and blocks have the defaults of the other one.
 * 3. All else stays as it was set: the bucket, the client's policy, limits, the deployment.
 */
export function atVersion(settings: TempoSettings, version: TempoVersion): TempoSettings {
  if (version === settings.version) return settings;
  const before = tempoDefaults(settings.version);
  const after = tempoDefaults(version);
  const migrated = structuredClone(settings);
  migrated.version = version;
  const parts = ['s3', 'policy', 'blocks', 'other', 'compaction'] as const;
  for (const part of parts) moveDefaults(migrated[part], before[part], after[part]);
  if ((settings.version === '3.0') !== (version === '3.0')) {
    migrated.blocks = after.blocks;
    for (const name of ofTheWriter) Object.assign(migrated.policy, { [name]: after.policy[name] });
  }
  return migrated;
}

const ofTheWriter = [
  'concurrentFlushes',
  'flushOpTimeout',
  'flushCheckPeriod',
  'firstFlushJitter',
  'flushRetryDelays',
  'flushRetries',
  'completeAttempts',
  'completeRetryDelays',
  'completeConcurrency',
] as const satisfies (keyof TempoSettings['policy'])[];

function moveDefaults<Part extends object>(part: Part, before: Part, after: Part): void {
  for (const name of Object.keys(after) as (keyof Part)[]) {
    if (JSON.stringify(part[name]) === JSON.stringify(before[name])) part[name] = after[name];
  }
}
