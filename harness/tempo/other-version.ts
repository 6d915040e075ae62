/** Keys that one version of Tempo has and another refuses to start with. */
import { versionsWith } from './known-keys.ts';
import type { TempoVersion } from './settings.ts';

/** What became of blocks and keys that Tempo 3 has no more, and what stands for a key before there was one. */
const instead: Record<string, string> = {
  ingester: 'move what it sets to live_store',
  ingester_client: 'remove it',
  compactor: 'move its compaction to backend_worker',
  metrics_generator_client: 'remove it',
  'storage.trace.s3.retry_max_attempts': 'try what it would do with --set policy.attempts',
  'storage.trace.s3.retry_backoff_initial': 'try what it would do with --set policy.backoffUnit',
  'storage.trace.s3.retry_backoff_max': 'try what it would do with --set policy.backoffCap',
};

/**
 * What to say of a key that the block at `path` has in other versions alone; undefined when none has it. `say`: how another version is
 * asked for.
 */
export function keyOfAnotherVersion(
  version: TempoVersion,
  path: string,
  name: string,
  say = 'Say --tempo-version',
): { key: string; message: string; remedy: string } | undefined {
  const others = versionsWith(version, path, name);
  const nearest = others.at(-1);
  if (nearest === undefined) return undefined;
  const key = path === '' ? name : `${path}.${name}`;
  return {
    key,
    message: `Tempo ${version} has no such key, and refuses to start with it (${others.join(' and ')} ${others.length === 1 ? 'has' : 'have'} it)`,
    remedy: `${say} ${nearest}, or ${instead[key] ?? 'remove it'}.`,
  };
}
