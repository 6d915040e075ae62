/** What a config says of the local disk: what waits on it, what it bears, and when readers no longer find a block there. */
import { completionTriedFor, diskLasts, ingestPerIngester, keptOnDisk, latestFlushSeen } from './budget.ts';
import { formatByteSize } from './byte-size.ts';
import { roughDuration } from './go-duration.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';
import type { WriterKeys } from './writer-keys.ts';

export function localNotes(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  return [completion(settings, keys), ...disk(settings, keys), visibility(settings, keys), shutdown(settings, keys)];
}

/** The WAL block that cannot be made a local block is the first of Tempo's ways of losing data. */
function completion(settings: TempoSettings, keys: WriterKeys): SettingNote {
  const { policy, blocks } = settings;
  const times = `${policy.completeAttempts} time${policy.completeAttempts === 1 ? '' : 's'} within ${roughDuration(completionTriedFor(settings))}`;
  if (blocks.walDeletedAfter === 0) {
    return {
      level: 'ok',
      setting: 'policy.completeAttempts',
      message: `a block that cannot be completed on the local disk, ${times}, is deleted: a disk that stays full for so long loses data`,
    };
  }
  return {
    level: 'ok',
    setting: keys.completeBlockTimeout,
    message: `a block that cannot be completed on the local disk is tried ${times} and then left, and what is in the WAL is deleted ${roughDuration(blocks.walDeletedAfter)} after its end, completed or not`,
  };
}

function disk(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  const { blocks, policy, deployment } = settings;
  if (ingestPerIngester(settings) === 0) return [];
  const size = formatByteSize(deployment.diskPerIngester);
  const kept = keptOnDisk(settings);
  const after = `${keys.completeBlockTimeout} (${roughDuration(blocks.completeBlockTimeout)})`;
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
      message: `at the rate limit ${formatByteSize(kept)} of blocks wait on an ingester's disk of ${size} for ${after}, flushed or not; while S3 is away it is full after ${roughDuration(lasts)}, and then data is lost: pushes are not refused`,
    },
  ];
}

/** Whether readers have seen a block in S3 before it is cleared locally. */
function visibility(settings: TempoSettings, keys: WriterKeys): SettingNote {
  const { blocks, other, policy } = settings;
  const timeout = roughDuration(blocks.completeBlockTimeout);
  const poll = `storage.trace.blocklist_poll (${roughDuration(other.blocklistPoll)})`;
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
    message: `a block is cleared locally ${timeout} after its end, or as soon as it is flushed after that, and readers may see it in S3 only after ${poll}: one that is flushed later than ${roughDuration(latest)} after its end leaves a gap in which its traces cannot be found${gap && slow > 0 ? `, and a single flush may take ${roughDuration(slow)}` : ''}`,
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
    message: `true: an ingester that stops flushes all that it holds first, a block of up to ${formatByteSize(blocks.maxBlockBytes)} among it, and tries for as long as it is let: give it more than ${roughDuration(policy.flushOpTimeout)} before it is killed. With S3 away it ends with all of that on its disk`,
  };
}
