/**
 * Whether an attempt would have failed as well had it come earlier: a fault answered it that decides the same of a request whenever it comes,
 * and that was in force for long enough.
 *
 * 1. A fault of these kinds answers at once, and what it decides hangs on the request and its number at the most, as the seed has it: neither on
 *    the time, nor on what else is under way (a rate, a share of a bandwidth, a server that starts).
 * 2. It counts from its start, and for as long as the timeline says. A heal that was late holds it in force for longer: what failed
 *    after its time may have failed by that.
 * 3. An outage lets no block in at all: S3 answers every PutObject with an error, whichever attempt it is, so no `meta.json` is acknowledged.
 * 4. What a client waited for in vain is no answer: it may just have come too late.
 */
import type { AttemptEvent, FaultEndEvent, FaultStartEvent, ScenarioEvent } from '../history/events.ts';
import type { Reads } from './audience.ts';
import { numberAt, valueAt } from './recorded-settings.ts';

const answerAtOnce: ReadonlySet<string> = new Set([
  'clock-skew',
  'complete-200-error',
  'connection-refused',
  'dns-failure',
  'expired-token',
  'no-such-upload',
  'redirect',
  's3-error',
  'tls-certificate',
]);

export interface InForce {
  since: number;
  /** As the timeline has it. */
  until: number;
  steady: boolean;
  /** It refuses every write. */
  outage: boolean;
}

/** Parameters of `s3-error` that say what it answers, and not which requests it is about. */
const answerParameters: ReadonlySet<string> = new Set(['code', 'status', 'retryAfter', 'when', 'operations']);

export class SteadyFaults {
  static readonly reads = ['scenario', 'fault.start', 'fault.end'] as const satisfies Reads;

  readonly #inForce = new Map<string, InForce>();
  #timeline: unknown;
  #compression = 1;
  /** Of those that a client has for getting a connection, the shortest; 0: they are not known. */
  #shortestTimeout = 0;

  begin({ scenario, compression, settings }: ScenarioEvent): void {
    this.#timeline = valueAt(scenario, 'timeline');
    this.#compression = compression.time;
    const timeouts = ['dnsTimeout', 'nodeDnsTimeout', 'dialTimeout', 'tlsHandshakeTimeout'].map((name) =>
      numberAt(settings, 'policy', name),
    );
    this.#shortestTimeout = Math.min(...timeouts.map((timeout) => timeout ?? 0));
  }

  start({ id, fault, t, with: parameters }: FaultStartEvent): void {
    // `3-s3-error` is the third of the timeline.
    const planned = valueAt(this.#timeline, String(Number.parseInt(id, 10) - 1));
    const lasts = valueAt(planned, 'fault') === fault ? numberAt(planned, 'for') : undefined;
    const until = lasts === undefined ? t : t + lasts / this.#compression;
    const outage = fault === 's3-error' && refusesAllWrites(parameters);
    this.#inForce.set(id, { since: t, until, steady: answerAtOnce.has(fault), outage });
  }

  end({ id, until }: FaultEndEvent): void {
    const fault = this.#inForce.get(id);
    // One that was healed before its time, since the run was ended.
    if (fault) fault.until = Math.min(fault.until, until);
    this.#inForce.delete(id);
  }

  /** Of the outages in force the one that lasts longest. Its `until` may become less yet. */
  get outage(): InForce | undefined {
    let longest: InForce | undefined;
    for (const fault of this.#inForce.values()) {
      if (fault.outage && fault.until > (longest?.until ?? 0)) longest = fault;
    }
    return longest;
  }

  /** Since when a failed attempt would have failed just so. `undefined`: that is not known. */
  since(attempt: AttemptEvent): number | undefined {
    if (this.#inForce.size === 0 || !this.answered(attempt)) return undefined;
    let since = Number.NEGATIVE_INFINITY;
    // Of several in force it may have been any.
    for (const fault of this.#inForce.values()) {
      if (!fault.steady || attempt.t > fault.until) return undefined;
      since = Math.max(since, fault.since);
    }
    return since;
  }

  /** Whether a failed attempt was answered, if only with a refusal of its connection: in less time than it had, it was. */
  answered({ failure, start, t }: AttemptEvent): boolean {
    if (failure === undefined) return true;
    if (failure !== 'dns' && failure !== 'connect' && failure !== 'tls') return false;
    return t - start < this.#shortestTimeout / 2;
  }
}

function refusesAllWrites(parameters: unknown): boolean {
  const operations = valueAt(parameters, 'operations');
  return (
    Object.keys(parameters ?? {}).every((name) => answerParameters.has(name)) &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('PutObject')))
  );
}
