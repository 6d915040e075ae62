/** What a number of attempts had in common: where their time went, and why they failed. Small, however many they are. */
import type { AttemptEvent, Phases } from '../history/events.ts';
import { counted, percent } from './counted.ts';

/** Where the time of an attempt can go: a phase, the wait before the next attempt, or a phase that was never finished. */
export type TimeSink = keyof Phases | 'between' | 'unfinished';

const inWords: Record<TimeSink, string> = {
  socket: 'waiting for a free connection',
  dns: 'resolving the name',
  connect: 'connecting',
  tls: 'in TLS handshakes',
  send: 'sending',
  diskRead: 'reading the local disk',
  wait: "waiting for S3's answer",
  receive: 'receiving answers',
  between: 'waiting between attempts',
  unfinished: 'in attempts that never finished',
};

const transportFailures: Record<string, string> = {
  dns: 'name not resolved',
  connect: 'no connection',
  tls: 'TLS handshake failed',
  reset: 'connection reset',
  'header-timeout': 'no answer within the response-header timeout',
  protocol: 'answer was not HTTP',
  disk: 'local disk not read',
};

const sinks = Object.keys(inWords) as TimeSink[];

/** By the place of a sink in `sinks`. There are some million attempts: to add to numbers in a row takes less than to look one up. */
type Times = Float64Array;

/** Several tallies are told of the same attempt: where its time went is kept. */
let last: AttemptEvent | undefined;
const lastTimes: Times = new Float64Array(sinks.length);

function timesOf(attempt: AttemptEvent): Times {
  if (attempt === last) return lastTimes;
  last = attempt;
  const { phases, retryIn = 0 } = attempt;
  const { socket = 0, dns = 0, connect = 0, tls = 0, send = 0, diskRead = 0, wait = 0, receive = 0 } = phases;
  const accounted = socket + dns + connect + tls + send + wait + receive;
  // In the order of `inWords`. Reading the disk is a part of sending.
  lastTimes[0] = spent(socket);
  lastTimes[1] = spent(dns);
  lastTimes[2] = spent(connect);
  lastTimes[3] = spent(tls);
  lastTimes[4] = spent(send - diskRead);
  lastTimes[5] = spent(Math.min(diskRead, send));
  lastTimes[6] = spent(wait);
  lastTimes[7] = spent(receive);
  lastTimes[8] = spent(retryIn);
  lastTimes[9] = spent(attempt.t - attempt.start - accounted);
  return lastTimes;
}

/** What is not a time is none. */
function spent(ms: number): number {
  return ms > 0 ? ms : 0;
}

export interface Dominant<What> {
  what: What;
  /** Of all that were counted, 0 to 1. */
  share: number;
  count: number;
}

/** All of a tally, as plain data. */
export interface AttemptTallyRecord {
  attempts: number;
  failed: number;
  lastCause?: string;
  causes: [cause: string, count: number][];
  /** Milliseconds, by the place of a sink in the list of them. */
  time: number[];
}

export class AttemptTally {
  attempts = 0;
  failed = 0;
  /** The last error of S3, or of the transport, before a deadline hid it: `503 SlowDown`. */
  lastCause: string | undefined;
  readonly #causes = new Map<string, number>();
  /** Milliseconds of the history. */
  readonly #time: Times = new Float64Array(sinks.length);

  add(attempt: AttemptEvent): void {
    this.attempts++;
    this.#spend(timesOf(attempt));
    if (attempt.outcome === 'ok') return;
    this.failed++;
    const cause = causeOf(attempt);
    if (cause === undefined) return;
    this.lastCause = cause;
    this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + 1);
  }

  static from({ attempts, failed, lastCause, causes, time }: AttemptTallyRecord): AttemptTally {
    const tally = new AttemptTally();
    tally.attempts = attempts;
    tally.failed = failed;
    tally.lastCause = lastCause;
    for (const [cause, count] of causes) tally.#causes.set(cause, count);
    tally.#time.set(time);
    return tally;
  }

  record(): AttemptTallyRecord {
    const { attempts, failed, lastCause } = this;
    const causes = [...this.#causes];
    return { attempts, failed, ...(lastCause !== undefined && { lastCause }), causes, time: [...this.#time] };
  }

  merge(other: AttemptTally): void {
    this.attempts += other.attempts;
    this.failed += other.failed;
    this.lastCause = other.lastCause ?? this.lastCause;
    for (const [cause, count] of other.#causes) this.#causes.set(cause, (this.#causes.get(cause) ?? 0) + count);
    this.#spend(other.#time);
  }

  /** The commonest error; its share is of the failed attempts. A deadline is none: it only hides one. */
  dominantCause(): Dominant<string> | undefined {
    const [first] = descending(this.#causes);
    return first && { what: first[0], count: first[1], share: first[1] / this.failed };
  }

  /** Where most of the time went. */
  dominantTime(): Dominant<TimeSink> | undefined {
    const [first] = this.#shares();
    return first;
  }

  /** Where the time went, the most first: `62 % waiting between attempts, 30 % sending`. Parts under 5 % are left out. */
  describeTime(): string {
    const shares = this.#shares().filter(({ share }) => share >= 0.05);
    return shares.map(({ what, share }) => `${percent(share)} ${inWords[what]}`).join(', ');
  }

  /** `96 of 120 attempts failed, most often with 503 SlowDown (92)`; `4 of 120 attempts failed, 3 with 503 SlowDown, 1 cut off with its flush`. */
  describeFailures(): string {
    if (this.failed === 0) return `none of ${counted(this.attempts, 'attempt')} failed`;
    const failed = `${this.failed} of ${counted(this.attempts, 'attempt')} failed`;
    const cause = this.dominantCause();
    // Ended from outside, by a deadline or a stop: that is not why they failed.
    const cutOff = this.failed - [...this.#causes.values()].reduce((sum, count) => sum + count, 0);
    const cut = `cut off with ${cutOff === 1 ? 'its' : 'their'} flush`;
    if (!cause) return `${failed}, ${cut}`;
    if (cause.count === this.failed) return `${failed}, ${this.failed === 1 ? '' : 'all '}with ${cause.what}`;
    return cause.count + cutOff === this.failed
      ? `${failed}, ${cause.count} with ${cause.what}, ${cutOff} ${cut}`
      : `${failed}, most often with ${cause.what} (${cause.count})`;
  }

  #spend(times: Times): void {
    for (let sink = 0; sink < sinks.length; sink++) (this.#time[sink] as number) += times[sink] as number;
  }

  #shares(): Dominant<TimeSink>[] {
    const sorted = descending(
      sinks.map((sink, place) => [sink, this.#time[place] as number] as const).filter(([, ms]) => ms > 0),
    );
    const total = sorted.reduce((sum, [, ms]) => sum + ms, 0);
    return sorted.map(([what, ms]) => ({ what, share: ms / total, count: ms }));
  }
}

/** Why an attempt failed, in words; `undefined` when a deadline or a stop ended it, which is not why. */
function causeOf({ status, code, failure }: AttemptEvent): string | undefined {
  if (status !== undefined && (code !== undefined || status >= 300))
    return code ? `${status} ${code}` : `status ${status}`;
  if (failure === undefined || failure === 'deadline' || failure === 'aborted') return undefined;
  return transportFailures[failure] ?? failure;
}

/** The greatest first; of equals, in the order of their names, so that a verdict always reads the same. */
function descending<Name extends string>(counts: Iterable<readonly [Name, number]>): (readonly [Name, number])[] {
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
}
