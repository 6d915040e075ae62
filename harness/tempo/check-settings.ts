/** What a config's settings mean for its writes to S3, in plain words, for whoever operates it. */
import {
  blockInterval,
  diskLasts,
  flushDeadline,
  flushMemory,
  flushRetryStartsAfter,
  flushTimeToKeepUp,
  ingestLimits,
  ingestPerIngester,
  keptOnDisk,
  latestFlushSeen,
  liveBytes,
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
import { type WriterKeys, writerKeys } from './writer-keys.ts';

export interface SettingNote {
  level: 'ok' | 'warning';
  /** The key of Tempo's config, or `policy.<name>` for what has none. */
  setting: string;
  message: string;
}

/**
 * Every note, in the order of a write's way: what comes in, upload, retries, flush queue, local disk, visibility, and what has no
 * effect.
 */
export function checkSettings(settings: TempoSettings): SettingNote[] {
  const keys = writerKeys(settings.version);
  return [
    ...limits(settings, keys),
    ...replication(settings),
    ...upload(settings, keys),
    ...connections(settings),
    ...retries(settings, keys),
    ...flushQueue(settings),
    ...completion(settings, keys),
    ...local(settings, keys),
    ...withoutEffect(settings),
  ];
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
      message: `at ${formatRate(other.rateLimitBytes)} each of ${ingesters(settings)} takes in ${formatRate(rate)}, cuts a block every ${duration(blockInterval(settings))}, and has to write to S3 as fast: its ${policy.concurrentFlushes} flushes keep up while each block is copied within ${duration(keepUp)}${keepUp < flushDeadline(settings) && policy.flushOpTimeout > 0 ? `; what takes longer piles up on the disk, long before ${keys.flushOpTimeout} (${duration(policy.flushOpTimeout)}) says so` : ''}`,
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

function upload(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { s3, policy, blocks } = settings;
  const size = formatByteSize(blocks.maxBlockBytes);
  const needed = uploadRateNeeded(settings);
  const parts = Math.ceil(blocks.maxBlockBytes / s3.partSize);
  const memory = flushMemory(settings);
  const tight = memory > settings.deployment.memoryPerIngester / 2;
  return [
    policy.flushOpTimeout === 0
      ? {
          level: 'warning',
          setting: keys.flushOpTimeout,
          message: `no deadline ends a flush: one that hangs holds one of ${policy.concurrentFlushes} workers until the process is restarted, and ${policy.concurrentFlushes} of them stop all flushing`,
        }
      : {
          level: 'ok',
          setting: keys.flushOpTimeout,
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
      setting: keys.concurrentFlushes,
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

/** Before Tempo 3 the retries of a request have no key. */
function retries(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { policy } = settings;
  const notes: SettingNote[] = [];
  if (settings.client === 'sdk') return [sdkRetries(settings)];
  const patience = retryPatience(settings);
  notes.push(
    policy.attempts === 1
      ? {
          level: 'warning',
          setting: keys.attempts,
          message: 'no request is tried again: a single 503 fails the flush of a whole block',
        }
      : {
          level: 'ok',
          setting: keys.attempts,
          message: `${policy.attempts} attempts outlive errors that S3 answers at once for ${duration(patience.mean)} on average and ${duration(patience.max)} at most; after a longer outage the flush has failed`,
        },
  );
  if (policy.backoffUnit > policy.backoffCap) {
    notes.push({
      level: 'warning',
      setting: keys.backoffUnit,
      message: `${duration(policy.backoffUnit)} is more than ${keys.backoffCap}, ${duration(policy.backoffCap)}, which is what counts`,
    });
  }
  if (flushDeadline(settings) <= policy.responseHeaderTimeout) {
    notes.push({
      level: 'warning',
      setting: keys.flushOpTimeout,
      message: `it is not longer than the ${duration(policy.responseHeaderTimeout)} for which the client waits for an answer: one request that gets none uses up the whole flush, and is never tried again`,
    });
  } else if (outageOutlivedByRequest(settings, policy.responseHeaderTimeout).mean >= flushDeadline(settings)) {
    notes.push({
      level: 'ok',
      setting: keys.flushOpTimeout,
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

/** With `--policy sdk` the SDK under test decides. */
function sdkRetries({ sdk, policy }: TempoSettings): SettingNote {
  const set = Object.entries(sdk).map(
    ([name, value]) => `${name} ${/Timeout$/.test(name) ? duration(Number(value)) : value}`,
  );
  return {
    level: 'ok',
    setting: 'client.policy',
    message: `sdk: attempts, waits, timeouts and connections are those of the Node SDK, ${set.length > 0 ? `with ${set.join(', ')}` : 'as it comes'}, not Tempo's ${policy.attempts} attempts; what is judged is a writer of your own in Node, in real time`,
  };
}

/** The WAL block that cannot be made a local block is the first of Tempo's ways of losing data. */
function completion(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { policy, blocks } = settings;
  const delays = policy.completeRetryDelays;
  let sum = 0;
  for (let index = 0; index < policy.completeAttempts - 1; index++) {
    sum += delays[Math.min(index, delays.length - 1)] ?? 0;
  }
  const times = `${policy.completeAttempts} time${policy.completeAttempts === 1 ? '' : 's'} within ${duration(sum)}`;
  if (blocks.walDeletedAfter === 0) {
    return [
      {
        level: 'ok',
        setting: 'policy.completeAttempts',
        message: `a block that cannot be completed on the local disk, ${times}, is deleted: a disk that stays full for so long loses data`,
      },
    ];
  }
  return [
    {
      level: 'ok',
      setting: keys.completeBlockTimeout,
      message: `a block that cannot be completed on the local disk is tried ${times} and then left, and what is in the WAL is deleted ${duration(blocks.walDeletedAfter)} after its end, completed or not`,
    },
  ];
}

function local(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  return [...disk(settings, keys), visibility(settings, keys), shutdown(settings, keys)];
}

function disk(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { blocks, policy, deployment } = settings;
  if (ingestPerIngester(settings) === 0) return [];
  const size = formatByteSize(deployment.diskPerIngester);
  const kept = keptOnDisk(settings);
  const after = `${keys.completeBlockTimeout} (${duration(blocks.completeBlockTimeout)})`;
  if (kept > deployment.diskPerIngester) {
    return [
      {
        level: 'warning',
        setting: 'deployment.disk',
        message: `at the rate limit ${formatByteSize(kept)} of blocks wait on an ingester's disk for ${after}, flushed or not, and it has ${size}: it is full without any outage, and then data is lost`,
      },
    ];
  }
  const lasts = diskLasts(settings);
  // One flush that runs into its deadline, and a second one after the first wait.
  const twoAttempts = 2 * (policy.flushOpTimeout || policy.responseHeaderTimeout) + (policy.flushRetryDelays[0] ?? 0);
  return [
    {
      level: lasts < twoAttempts ? 'warning' : 'ok',
      setting: 'deployment.disk',
      message: `at the rate limit ${formatByteSize(kept)} of blocks wait on an ingester's disk of ${size} for ${after}, flushed or not; while S3 is away it is full after ${duration(lasts)}, and then data is lost: pushes are not refused`,
    },
  ];
}

/** Whether readers have seen a block in S3 before it is cleared locally. */
function visibility(settings: TempoSettings, keys: WriterKeys): SettingNote {
  const { blocks, other, policy } = settings;
  const timeout = duration(blocks.completeBlockTimeout);
  const poll = `storage.trace.blocklist_poll (${duration(other.blocklistPoll)})`;
  if (blocks.clearedAfter === 'flush') {
    const gap = blocks.completeBlockTimeout < other.blocklistPoll;
    return {
      level: gap ? 'warning' : 'ok',
      setting: keys.completeBlockTimeout,
      message: gap
        ? `a block is cleared locally ${timeout} after its flush, and readers may see it in S3 only after ${poll}: until then its traces cannot be found`
        : `a block is cleared locally ${timeout} after its flush, when readers have seen it in S3, which takes them ${poll} at most`,
    };
  }
  const latest = latestFlushSeen(settings);
  const slow = policy.flushOpTimeout;
  const gap = latest < slow || latest === 0;
  return {
    level: gap ? 'warning' : 'ok',
    setting: keys.completeBlockTimeout,
    message: `a block is cleared locally ${timeout} after its end, or as soon as it is flushed after that, and readers may see it in S3 only after ${poll}: one that is flushed later than ${duration(latest)} after its end leaves a gap in which its traces cannot be found${gap && slow > 0 ? `, and a single flush may take ${duration(slow)}` : ''}`,
  };
}

function shutdown(settings: TempoSettings, keys: WriterKeys): SettingNote {
  const { blocks, policy } = settings;
  const { flushAllOnShutdown: setting } = keys;
  if (!setting) {
    return {
      level: 'ok',
      setting: 'live_store',
      message:
        'one that stops cuts its live traces to the WAL; what is not flushed stays on its disk, and must come back with it',
    };
  }
  if (!blocks.flushAllOnShutdown) {
    return {
      level: 'ok',
      setting,
      message: 'false: what is not flushed when an ingester stops stays on its disk, and must come back with it',
    };
  }
  return {
    level: 'ok',
    setting,
    message: `true: an ingester that stops flushes all that it holds first, a block of up to ${formatByteSize(blocks.maxBlockBytes)} among it, and tries for as long as it is let: give it more than ${duration(policy.flushOpTimeout)} before it is killed. With S3 away it ends with all of that on its disk`,
  };
}

function ingesters({ deployment }: TempoSettings): string {
  return `${deployment.ingesters} ingester${deployment.ingesters === 1 ? '' : 's'}`;
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
            `${duration(other.maxTimePerTenant)} of compaction for each tenant in turn; compactors share the way to S3, not the ingesters' queues`,
          ),
        ]),
    ...(s3.hedgeRequestsAt > 0 ? [note('storage.trace.s3.hedge_requests_at', 'only GET requests are hedged')] : []),
  ];
}

/** To three digits: 3.7s, 25m, 26.2s. */
function duration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const unit = milliseconds < 1000 ? 1 : milliseconds < 60_000 ? 100 : 1000;
  return formatDuration(Math.round(milliseconds / unit) * unit);
}
