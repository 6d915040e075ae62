/** What a config says of what comes in: how much an ingester has to flush. */
import {
  blockInterval,
  flushDeadline,
  flushTimeToKeepUp,
  ingestLimits,
  ingestPerIngester,
  liveBytes,
} from './budget.ts';
import { formatByteSize, formatRate } from './byte-size.ts';
import { roughDuration } from './go-duration.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';
import type { WriterKeys } from './writer-keys.ts';

export function intakeNotes(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  return [...limits(settings, keys), ...replication(settings)];
}

/** How much there is to flush: the limits of grafana/tempo#4361, as one ingester meets them. */
function limits(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { other, policy, deployment } = settings;
  const rate = ingestPerIngester(settings);
  const notes: SettingNote[] = [];
  if (rate > 0) {
    const keepUp = flushTimeToKeepUp(settings);
    notes.push({
      level: 'ok',
      setting: 'overrides.defaults.ingestion.rate_limit_bytes',
      message: `at ${formatRate(other.rateLimitBytes)} each of ${ingesters(settings)} takes in ${formatRate(rate)}, cuts a block every ${roughDuration(blockInterval(settings))}, and has to write to S3 as fast: its ${policy.concurrentFlushes} flushes keep up while each block is copied within ${roughDuration(keepUp)}${keepUp < flushDeadline(settings) && policy.flushOpTimeout > 0 ? `; what takes longer piles up on the disk, long before ${keys.flushOpTimeout} (${roughDuration(policy.flushOpTimeout)}) says so` : ''}`,
    });
  }
  const { burstBytes } = ingestLimits(settings);
  const live = liveBytes(settings);
  notes.push({
    level: burstBytes > deployment.memoryPerIngester / 2 ? 'warning' : 'ok',
    setting: 'overrides.defaults.ingestion.burst_size_bytes',
    message: `${formatByteSize(other.burstSizeBytes)} may come in at once, ${formatByteSize(burstBytes)} for each ingester, into memory first (${formatByteSize(deployment.memoryPerIngester)}); as the rate limit, it decides how much there is to write, not how`,
  });
  if (other.maxTracesPerUser === 0) {
    notes.push({
      level: 'ok',
      setting: 'overrides.defaults.ingestion.max_traces_per_user',
      message: '0: any number of live traces, as far as the memory goes; a full disk refuses no push either',
    });
  } else if (live > 0) {
    notes.push({
      level: 'ok',
      setting: 'overrides.defaults.ingestion.max_traces_per_user',
      message: `at the rate limit up to ${formatByteSize(live)} are in an ingester's memory alone, and go when its process ends; ${other.maxTracesPerUser} live traces refuse pushes before that only if a trace has less than ${formatByteSize(live / other.maxTracesPerUser)} on average`,
    });
  }
  return notes;
}

function replication(settings: TempoSettings): SettingNote[] {
  const { version, other, deployment } = settings;
  const replicas = deployment.replicationFactor;
  const setting = version === '3.0' ? 'deployment.replication_factor' : 'ingester.lifecycler.ring.replication_factor';
  if (version === '3.0') {
    if (replicas === 1) return [];
    return [
      {
        level: 'warning',
        setting,
        message: `Tempo 3 writes each trace once, and has no such setting: the figures here count ${replicas} times what it would flush`,
      },
    ];
  }
  if (replicas > deployment.ingesters) {
    return [
      {
        level: 'warning',
        setting,
        message: `${replicas} replicas do not fit on ${ingesters(settings)}: Tempo refuses pushes while fewer than ${Math.floor(replicas / 2) + 1} can take them in. How many ingesters there are stands in <name>.deployment.yaml, or --set deployment.ingesters`,
      },
    ];
  }
  if (replicas === 1) {
    return [{ level: 'ok', setting, message: '1: a block that is lost takes the only copy of its traces with it' }];
  }
  return [
    {
      level: 'ok',
      setting,
      message: `each trace goes to ${replicas} of ${ingesters(settings)}: ${replicas} times the bytes are to be flushed, ${formatRate(other.rateLimitBytes * replicas)} in all at the rate limit; the loss of one ingester's block need not be the loss of a trace`,
    },
  ];
}

function ingesters({ deployment }: TempoSettings): string {
  return `${deployment.ingesters} ingester${deployment.ingesters === 1 ? '' : 's'}`;
}
