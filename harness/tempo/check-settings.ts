/** What a config's settings mean for its writes to S3, in plain words, for whoever operates it. */
import {
  blockInterval,
  diskLasts,
  flushMemory,
  flushRetryStartsAfter,
  ingestPerIngester,
  longestFlushRetryDelay,
  outageOutlivedByRequest,
  requestsForBlock,
  retryPatience,
  uploadRateNeeded,
} from './budget.ts';
import { formatByteSize, formatRate } from './byte-size.ts';
import { MOST_PARTS, tempoDefaults } from './defaults.ts';
import { formatDuration } from './go-duration.ts';
import type { TempoSettings } from './settings.ts';

export interface SettingNote {
  level: 'ok' | 'warning';
  /** The key of Tempo's config, or `policy.<name>` for what has none. */
  setting: string;
  message: string;
}

/** Every note, in the order of a write's way: upload, retries, flush queue, local disk, and what has no effect. */
export function checkSettings(settings: TempoSettings): SettingNote[] {
  return [
    ...upload(settings),
    ...connections(settings),
    ...retries(settings),
    ...flushQueue(settings),
    ...local(settings),
    ...withoutEffect(settings),
  ];
}

function upload(settings: TempoSettings): SettingNote[] {
  const { s3, policy, blocks } = settings;
  const size = formatByteSize(blocks.maxBlockBytes);
  const needed = uploadRateNeeded(settings);
  const parts = Math.ceil(blocks.maxBlockBytes / s3.partSize);
  const memory = flushMemory(settings);
  const tight = memory > settings.deployment.memoryPerIngester / 2;
  return [
    {
      level: 'ok',
      setting: 'ingester.flush_op_timeout',
      message: `a block of ${size} needs ${formatRate(needed.perFlush)} to be copied within ${duration(policy.flushOpTimeout)}, and ${formatRate(needed.allFlushes)} when all ${policy.concurrentFlushes} flushes run: on a slower way to S3 it never completes, because each new attempt starts from the beginning`,
    },
    {
      level: parts > MOST_PARTS ? 'warning' : 'ok',
      setting: 'storage.trace.s3.part_size',
      message:
        parts > MOST_PARTS
          ? `a block of ${size} in parts of ${formatByteSize(s3.partSize)} would need ${parts} parts, and S3 takes ${MOST_PARTS}: the upload fails`
          : `a block of ${size} takes ${requestsForBlock(settings, blocks.maxBlockBytes)} requests or more, with ${parts} part${parts === 1 ? '' : 's'} of ${formatByteSize(s3.partSize)} at most; each one that fails ${policy.attempts} times fails the block`,
    },
    {
      level: tight ? 'warning' : 'ok',
      setting: 'ingester.concurrent_flushes',
      message: `${policy.concurrentFlushes} flushes of ${size} hold up to ${formatByteSize(memory)} in memory, of an ingester's ${formatByteSize(settings.deployment.memoryPerIngester)}: Tempo reads a whole object before it sends it`,
    },
  ];
}

/** What differs from Tempo's client, which neither limits connections nor caches names: nothing to say of the defaults. */
function connections({ policy }: TempoSettings): SettingNote[] {
  const notes: SettingNote[] = [];
  const atOnce = policy.concurrentFlushes * policy.partsInFlight;
  if (policy.maxConnections > 0 && policy.maxConnections < atOnce) {
    notes.push({
      level: 'warning',
      setting: 'policy.maxConnections',
      message: `${policy.maxConnections} connection${policy.maxConnections === 1 ? '' : 's'} for up to ${atOnce} requests at the same time (${policy.concurrentFlushes} flushes with ${policy.partsInFlight} parts each): the others wait for one, while the deadline of their flush runs`,
    });
  }
  if (!policy.keepAlive) {
    notes.push({
      level: 'ok',
      setting: 'policy.keepAlive',
      message:
        'each request opens a connection of its own: the name is looked up, and hands are shaken, as often as requests are sent',
    });
  }
  if (policy.resolver === 'node') {
    if (policy.dnsSearch.length > 0) {
      notes.push({
        level: 'warning',
        setting: 'policy.dnsSearch',
        message:
          "it has no effect: Node's dns.resolve asks for a name as it is, whatever the search list and ndots say",
      });
    }
  } else if (policy.dnsSearch.length > 0) {
    const most = 2 * (policy.dnsSearch.length + 1);
    notes.push({
      level: 'ok',
      setting: 'policy.dnsNdots',
      message: `an endpoint with fewer than ${policy.dnsNdots} dots is looked up below ${policy.dnsSearch.length} domain${policy.dnsSearch.length === 1 ? '' : 's'} first: ${most} queries (A and AAAA) for each new connection in place of 2, and while no answer comes, ${duration(policy.dnsTimeout)} x ${policy.dnsAttempts} for each name, of a dial timeout of ${duration(policy.dialTimeout)}`,
    });
  }
  if (policy.dnsCache) {
    notes.push({
      level: 'ok',
      setting: 'policy.dnsCache',
      message: 'an address is used until its time to live is over, though S3 may have moved away from it',
    });
  }
  return notes;
}

function retries(settings: TempoSettings): SettingNote[] {
  const { policy } = settings;
  const notes: SettingNote[] = [];
  const patience = retryPatience(settings);
  notes.push(
    policy.attempts === 1
      ? {
          level: 'warning',
          setting: 'storage.trace.s3.retry_max_attempts',
          message: 'no request is tried again: a single 503 fails the flush of a whole block',
        }
      : {
          level: 'ok',
          setting: 'storage.trace.s3.retry_max_attempts',
          message: `${policy.attempts} attempts outlive errors that S3 answers at once for ${duration(patience.mean)} on average and ${duration(patience.max)} at most; after a longer outage the flush has failed`,
        },
  );
  if (policy.backoffUnit > policy.backoffCap) {
    notes.push({
      level: 'warning',
      setting: 'storage.trace.s3.retry_backoff_initial',
      message: `${duration(policy.backoffUnit)} is more than retry_backoff_max, ${duration(policy.backoffCap)}, which is what counts`,
    });
  }
  if (policy.flushOpTimeout <= policy.responseHeaderTimeout) {
    notes.push({
      level: 'warning',
      setting: 'ingester.flush_op_timeout',
      message: `it is not longer than the ${duration(policy.responseHeaderTimeout)} for which the client waits for an answer: one request that gets none uses up the whole flush, and is never tried again`,
    });
  } else if (outageOutlivedByRequest(settings, policy.responseHeaderTimeout).mean >= policy.flushOpTimeout) {
    notes.push({
      level: 'ok',
      setting: 'ingester.flush_op_timeout',
      message: `when S3 takes requests and never answers, ${duration(policy.flushOpTimeout)} end before the client's ${policy.attempts} attempts do: Tempo logs "context deadline exceeded", and not what S3 did`,
    });
  }
  return notes;
}

function flushQueue(settings: TempoSettings): SettingNote[] {
  const { policy } = settings;
  const first = flushRetryStartsAfter(settings, 1);
  if (first === undefined) {
    return [
      {
        level: 'warning',
        setting: 'policy.flushRetries',
        message: 'a flush that failed is not tried again: the block is lost to S3. Tempo itself never gives up',
      },
    ];
  }
  const notes: SettingNote[] = [
    {
      level: 'ok',
      setting: 'policy.flushRetryDelays',
      message: `a failed flush is tried again after ${policy.flushRetryDelays.map(duration).join(', ')} and so on, ${policy.flushRetries === 'unlimited' ? 'without end' : `${policy.flushRetries} times`}: a block may notice ${duration(longestFlushRetryDelay(settings))} late that S3 is back`,
    },
  ];
  if (policy.flushRetries !== 'unlimited') {
    notes.push({
      level: 'warning',
      setting: 'policy.flushRetries',
      message: `after ${policy.flushRetries} retries a block is given up. Tempo itself never gives up`,
    });
  }
  return notes;
}

function local(settings: TempoSettings): SettingNote[] {
  const { blocks, other, policy, deployment } = settings;
  const notes: SettingNote[] = [];
  const rate = ingestPerIngester(settings);
  if (rate > 0) {
    const lasts = diskLasts(settings);
    // One flush that runs into its deadline, and a second one after the first wait.
    const twoAttempts = 2 * policy.flushOpTimeout + (policy.flushRetryDelays[0] ?? 0);
    notes.push({
      level: lasts < twoAttempts ? 'warning' : 'ok',
      setting: 'overrides.defaults.ingestion.rate_limit_bytes',
      message: `at the rate limit each of ${deployment.ingesters} ingester${deployment.ingesters === 1 ? '' : 's'} takes in ${formatRate(rate)} and cuts a block every ${duration(blockInterval(settings))}, and has to write to S3 as fast to keep up; while S3 is away its disk of ${formatByteSize(deployment.diskPerIngester)} is full after ${duration(lasts)}, and then data is lost`,
    });
  }
  const late = policy.flushOpTimeout + other.blocklistPoll;
  notes.push({
    level: blocks.completeBlockTimeout < late ? 'warning' : 'ok',
    setting: 'ingester.complete_block_timeout',
    message:
      blocks.completeBlockTimeout < late
        ? `a block leaves the ingester ${duration(blocks.completeBlockTimeout)} after its end, but a slow flush and the next poll of the block list take up to ${duration(late)}: until then its traces cannot be found`
        : `a block stays in the ingester for ${duration(blocks.completeBlockTimeout)}, longer than one slow flush and the next poll of the block list take (${duration(late)})`,
  });
  if (!blocks.flushAllOnShutdown) {
    notes.push({
      level: 'ok',
      setting: 'ingester.flush_all_on_shutdown',
      message: 'false: what is not flushed when an ingester stops stays on its disk, and must come back with it',
    });
  }
  return notes;
}

/** The settings of grafana/tempo#4361 first, then others that are often tried. */
function withoutEffect({ s3, other }: TempoSettings): SettingNote[] {
  const note = (setting: string, message: string): SettingNote => ({
    level: 'ok',
    setting,
    message: `no effect on a write: ${message}`,
  });
  const defaults = tempoDefaults();
  return [
    note('storage.trace.pool.queue_depth', `${other.poolQueueDepth} reads (look-ups by trace ID) may wait`),
    ...(other.poolMaxWorkers === defaults.other.poolMaxWorkers
      ? []
      : [note('storage.trace.pool.max_workers', `${other.poolMaxWorkers} workers read`)]),
    note(
      'compactor.compaction.max_time_per_tenant',
      `${duration(other.maxTimePerTenant)} of compaction for each tenant in turn`,
    ),
    note(
      'overrides.defaults.ingestion.burst_size_bytes',
      `${formatByteSize(other.burstSizeBytes)} may come in at once; as the rate limit, it decides how much there is to write, not how`,
    ),
    note(
      'overrides.defaults.ingestion.max_traces_per_user',
      `${other.maxTracesPerUser} live traces decide how much memory is taken, and when a push is refused`,
    ),
    ...(s3.hedgeRequestsAt > 0 ? [note('storage.trace.s3.hedge_requests_at', 'only GET requests are hedged')] : []),
  ];
}

/** To three digits: 3.7s, 25m, 26.2s. */
function duration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = milliseconds < 1000 ? 1 : milliseconds < 60_000 ? 100 : 1000;
  return formatDuration(Math.round(milliseconds / unit) * unit);
}
