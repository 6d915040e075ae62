/**
 * Which settings might have saved a run: few, each changed alone, the likeliest first. From whom the run's lost time is laid to, and from
 * whether it was the deadline that ended flushes. That one of them helps is not said here: a second run shows it.
 *
 * Hedging is none of them: Tempo hedges reads alone, never a write.
 */
import { SMALLEST_PART } from '../tempo/defaults.ts';
import { formatDuration } from '../tempo/go-duration.ts';
import type { TempoSettings } from '../tempo/settings.ts';
import { writerKeys } from '../tempo/writer-keys.ts';
import type { Blame, Cause } from '../verdict/attribution/blame.ts';

/** More than this takes longer than anybody waits for an answer. */
export const USUAL_CANDIDATES = 4;
/** A cause with less of the lost time than this is not worth a run. */
const LEAST_SHARE = 0.1;
/** Some hundred attempts, up to a second apart, outlive an outage of a minute and more (suites/scenarios/settings/retry-attempts.yaml). */
const MANY_ATTEMPTS = 200;

export interface Candidate {
  /** As the version of Tempo has it; `policy.<name>` for what no key sets. */
  setting: string;
  from: string;
  to: string;
  /** What is set, as --set has it. */
  option: string;
  /** What speaks for it, in half a sentence. */
  why: string;
}

export interface RunTrouble {
  blame: Blame;
  /** Flushes that ran into flush_op_timeout. */
  deadlineExceeded: number;
  /** Flushes that failed, those among them. */
  failedFlushes: number;
}

/** `settings`: uncompressed. Empty when nothing points at a setting; `most` at most. */
export function candidates(
  settings: TempoSettings,
  { blame, deadlineExceeded, failedFlushes }: RunTrouble,
  most = USUAL_CANDIDATES,
): Candidate[] {
  const { policy, blocks, s3, client } = settings;
  const keys = writerKeys(settings.version);
  const blamed = (...names: Cause[]) =>
    blame.causes.some(({ cause, share }) => names.includes(cause) && share >= LEAST_SHARE);
  const found: Candidate[] = [];
  const add = (setting: string, from: string, to: string, why: string, value = to) => {
    if (found.every((other) => other.setting !== setting) && from !== to) {
      found.push({ setting, from, to, option: `${setting}=${value}`, why });
    }
  };
  const flushes = (to: number, why: string) =>
    add(keys.concurrentFlushes, String(policy.concurrentFlushes), String(to), why);
  const longerDeadline = () => {
    const { flushOpTimeout } = policy;
    if (flushOpTimeout <= 0) return;
    const longer = formatDuration(2 * flushOpTimeout);
    add(keys.flushOpTimeout, formatDuration(flushOpTimeout), longer, 'the deadline ended flushes');
  };
  const multipart = blocks.maxBlockBytes > s3.partSize;

  if (blamed('pool') && policy.maxConnections > 0) {
    add('policy.maxConnections', String(policy.maxConnections), '0', 'requests waited for a connection (0: no limit)');
  }
  if (blamed('concurrency')) flushes(policy.concurrentFlushes * 4, 'blocks waited for a flush to begin');
  if (deadlineExceeded > 0) longerDeadline();
  if (failedFlushes > deadlineExceeded && client === 'tempo' && policy.attempts < MANY_ATTEMPTS) {
    add(
      keys.attempts,
      String(policy.attempts),
      String(MANY_ATTEMPTS),
      'flushes failed when their attempts were used up',
    );
  }
  if (failedFlushes > deadlineExceeded && client === 'sdk') {
    const attempts = settings.sdk.maxAttempts;
    add(
      'sdk.maxAttempts',
      attempts === undefined ? "the SDK's own" : String(attempts),
      '20',
      'flushes failed when their attempts were used up',
    );
  }
  if (blamed('bandwidth', 'disk') && deadlineExceeded > 0) {
    const half = Math.round(blocks.maxBlockBytes / 2);
    add(
      keys.maxBlockBytes,
      String(blocks.maxBlockBytes),
      String(half),
      'a whole block has to get through within the deadline',
    );
  }
  if (blamed('bandwidth', 'reset') && multipart && s3.partSize > SMALLEST_PART) {
    add(
      PART_SIZE,
      String(s3.partSize),
      String(SMALLEST_PART),
      'smaller parts go up over more connections, and are less to send again',
    );
  }
  if (blamed('slow', 'latency', 'silent') && multipart) {
    add(PART_SIZE, String(s3.partSize), String(s3.partSize * 4), 'larger parts are fewer answers to wait for');
  }
  if (blamed('throttled', 'pool', 'bandwidth') && policy.concurrentFlushes > 1) {
    flushes(Math.floor(policy.concurrentFlushes / 2), 'fewer flushes share what there is');
  }
  if (blamed('deadline')) longerDeadline();
  return found.slice(0, most);
}

const PART_SIZE = 'storage.trace.s3.part_size';
