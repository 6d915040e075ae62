/** What a config says of the upload of one block, and of the connections that it goes over. */
import { flushMemory, requestsForBlock, uploadRateNeeded } from './budget.ts';
import { formatByteSize, formatRate } from './byte-size.ts';
import { MOST_PARTS } from './defaults.ts';
import { roughDuration } from './go-duration.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';
import type { WriterKeys } from './writer-keys.ts';

export function uploadNotes(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  return [...upload(settings, keys), ...connections(settings)];
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
          message: `a block of ${size} needs ${formatRate(needed.perFlush)} to be copied within ${roughDuration(policy.flushOpTimeout)}, and ${formatRate(needed.allFlushes)} when all ${policy.concurrentFlushes} flushes run: on a slower way to S3 it never completes, because each new attempt starts from the beginning`,
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
      message: `an endpoint with fewer than ${policy.dnsNdots} dots is looked up below ${policy.dnsSearch.length} domain${policy.dnsSearch.length === 1 ? '' : 's'} first: ${most} queries (A and AAAA) for each new connection in place of 2, and while no answer comes, ${roughDuration(policy.dnsTimeout)} x ${policy.dnsAttempts} for each name, of a dial timeout of ${roughDuration(policy.dialTimeout)}`,
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
