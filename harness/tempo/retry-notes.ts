/** What a config says of what fails: how a request is tried again, and then its flush. */
import {
  flushDeadline,
  flushRetryStartsAfter,
  longestFlushRetryDelay,
  outageOutlivedByRequest,
  retryPatience,
} from './budget.ts';
import { roughDuration } from './go-duration.ts';
import type { SettingNote } from './setting-note.ts';
import type { TempoSettings } from './settings.ts';
import type { WriterKeys } from './writer-keys.ts';

export function retryNotes(settings: TempoSettings, keys: WriterKeys): SettingNote[] {
  return [...retries(settings, keys), ...flushQueue(settings)];
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
          message: `${policy.attempts} attempts outlive errors that S3 answers at once for ${roughDuration(patience.mean)} on average and ${roughDuration(patience.max)} at most; after a longer outage the flush has failed`,
        },
  );
  if (policy.backoffUnit > policy.backoffCap) {
    notes.push({
      level: 'warning',
      setting: keys.backoffUnit,
      message: `${roughDuration(policy.backoffUnit)} is more than ${keys.backoffCap}, ${roughDuration(policy.backoffCap)}, which is what counts`,
    });
  }
  if (flushDeadline(settings) <= policy.responseHeaderTimeout) {
    notes.push({
      level: 'warning',
      setting: keys.flushOpTimeout,
      message: `it is not longer than the ${roughDuration(policy.responseHeaderTimeout)} for which the client waits for an answer: one request that gets none uses up the whole flush, and is never tried again`,
    });
  } else if (outageOutlivedByRequest(settings, policy.responseHeaderTimeout).mean >= flushDeadline(settings)) {
    notes.push({
      level: 'ok',
      setting: keys.flushOpTimeout,
      message: `when S3 takes requests and never answers, ${roughDuration(policy.flushOpTimeout)} end before the client's ${policy.attempts} attempts do: Tempo logs "context deadline exceeded", and not what S3 did`,
    });
  }
  return notes;
}

/** With `--policy sdk` the SDK under test decides. */
function sdkRetries({ sdk, policy }: TempoSettings): SettingNote {
  const set = Object.entries(sdk).map(
    ([name, value]) => `${name} ${/Timeout$/.test(name) ? roughDuration(Number(value)) : value}`,
  );
  return {
    level: 'ok',
    setting: 'client.policy',
    message: `sdk: attempts, waits, timeouts and connections are those of the Node SDK, ${set.length > 0 ? `with ${set.join(', ')}` : 'as it comes'}, not Tempo's ${policy.attempts} attempts; what is judged is a writer of your own in Node, in real time`,
  };
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
      message: `a failed flush is tried again after ${policy.flushRetryDelays.map(roughDuration).join(', ')} and so on, ${policy.flushRetries === 'unlimited' ? 'without end' : `${policy.flushRetries} times`}: a block may notice ${roughDuration(longestFlushRetryDelay(settings))} late that S3 is back`,
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
