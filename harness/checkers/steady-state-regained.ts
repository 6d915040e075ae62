/**
 * Whether an outage leaves something behind that makes all that follows slower: connections that are not pooled any more, a client that
 * has made itself throttle, a server that is not what it was.
 *
 * 1. *Before*: from the begin until the first fault. *After*: from the last heal on, once every block that waited then is in S3 or given up.
 * 2. A PUT (PutObject, UploadPart) is compared with those of its own size, by factors of 4: the time from the begin of an acknowledged
 *    attempt to its end. A flush that succeeded is compared by the bytes that it brought to S3 a millisecond.
 * 3. Medians are compared, of 5 samples or more on either side: one slow request of a busy machine is not one.
 * 4. It is slower when it takes more than so many times as long, and 100 ms more than that. The 100 ms are as they pass: what S3, disk and
 *    CPU take here by themselves is not compressed. With 8 scenarios side by side on 2 cores the quickest of three requests was seen to
 *    take 110 ms longer than the slowest of three before (path-healed.ts), once in 269 runs; a median of five moves less.
 */
import type { AttemptEvent, FlushEndEvent, HistoryEvent } from '../history/events.ts';
import { median } from '../median.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';
import { saySize } from './say-size.ts';

const name = 'steady-state-regained';

/** Samples before and after, of each size. */
const LEAST_SAMPLES = 5;
/** Milliseconds as they pass: see step 4. */
const SLACK_MS = 100;
/** Told of where no scenario asks. */
const STRIKING = 4;
/** From one size of a PUT to the next. */
const FACTOR = 4;

export const steadyStateRegained: Checker = {
  name,
  invariant:
    'After the last heal, once the backlog is in S3, PUTs take no longer and flushes are no slower than before the first fault, by more than so many times.',
  kind: 'budget',
  reads: ['attempt', 'block.cut', 'flush.start', 'flush.end', 'block.dropped', 'fault.start', 'fault.end'],
  judges: ['regained'],
  start: (context) => new SteadyStateRegained(context),
};

/** Of PUTs of one size: milliseconds as they passed. */
interface Latencies {
  before: number[];
  after: number[];
}

interface Flush {
  bytes: number;
  ms: number;
}

/** How two medians compare. */
interface Compared {
  /** How many times longer it takes than before. */
  times: number;
  /** Milliseconds as they passed, beyond what `limit` times as long would be. */
  beyond(limit: number): number;
  describe(): string;
}

class SteadyStateRegained implements RunningChecker {
  readonly #limit: number | undefined;
  readonly #compression: CheckContext['compression'];
  #when: 'before' | 'outage' | 'after' = 'before';
  #since = 0;
  #faults = 0;
  /** Blocks that were cut and are not in S3, and those of them that have to be for the backlog to be gone. */
  readonly #waiting = new Set<string>();
  #backlog = new Set<string>();
  #healed = false;
  readonly #puts = new Map<number, Latencies>();
  readonly #begun = new Map<string, number>();
  readonly #bytes = new Map<string, number>();
  readonly #flushes: { before: Flush[]; after: Flush[] } = { before: [], after: [] };

  constructor({ expect, compression }: CheckContext) {
    this.#limit = expect.regained;
    this.#compression = compression;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'fault.start':
        this.#faults++;
        this.#outage(false);
        break;
      case 'fault.end':
        this.#outage(true);
        this.#isRegained(event.t);
        break;
      case 'block.cut':
        this.#waiting.add(event.block);
        this.#bytes.set(event.block, event.bytes);
        break;
      case 'block.dropped':
        this.#isDone(event.block, event.t);
        break;
      case 'flush.start':
        this.#begun.set(event.block, event.t);
        break;
      case 'flush.end':
        this.#flushed(event);
        break;
      case 'attempt':
        this.#attempted(event);
        break;
    }
  }

  findings(): Finding[] {
    const limit = this.#limit;
    const compared = this.#compared();
    const passed = (message: string): Finding[] => [{ checker: name, verdict: 'pass', message }];
    if (this.#faults === 0) return passed('no fault was injected: there was no outage to come back from');
    if (compared.length === 0) {
      return passed(
        `too few PUTs and flushes to compare: of one size, ${LEAST_SAMPLES} before the first fault and ${LEAST_SAMPLES} once the backlog was gone`,
      );
    }
    const slower = compared.filter(({ beyond }) => beyond(limit ?? STRIKING) > 0);
    const [worst] = [...(slower.length > 0 ? slower : compared)].sort((a, b) => b.times - a.times) as [Compared];
    const against = limit === undefined ? '' : ` (at most ${limit} times as long, and ${SLACK_MS}ms, expected)`;
    const message = `after the last heal, with the backlog gone, ${worst.describe()}${against}`;
    if (limit === undefined)
      return [{ checker: name, verdict: 'pass', message, ...(slower.length > 0 && { note: true }) }];
    return [{ checker: name, verdict: slower.length > 0 ? 'fail' : 'pass', message }];
  }

  #outage(healed: boolean): void {
    this.#when = 'outage';
    this.#healed = healed;
    this.#backlog = new Set(this.#waiting);
    // What came after an earlier heal is of a time between two faults.
    for (const latencies of this.#puts.values()) latencies.after.length = 0;
    this.#flushes.after.length = 0;
  }

  #isDone(block: string, t: number): void {
    this.#waiting.delete(block);
    this.#backlog.delete(block);
    this.#isRegained(t);
  }

  #isRegained(t: number): void {
    if (this.#when !== 'outage' || !this.#healed || this.#backlog.size > 0) return;
    this.#when = 'after';
    this.#since = t;
  }

  #flushed({ t, block, outcome }: FlushEndEvent): void {
    const begun = this.#begun.get(block);
    const bytes = this.#bytes.get(block);
    this.#begun.delete(block);
    if (outcome !== 'ok') return;
    if (begun !== undefined && bytes !== undefined)
      this.#sample(begun, (side) => this.#flushes[side].push({ bytes, ms: t - begun }));
    this.#bytes.delete(block);
    this.#isDone(block, t);
  }

  #attempted({ operation, outcome, start, t, bytesSent }: AttemptEvent): void {
    if (outcome !== 'ok' || (operation !== 'PutObject' && operation !== 'UploadPart')) return;
    this.#sample(start, (side) => {
      const size = Math.floor(Math.log(Math.max(1, bytesSent)) / Math.log(FACTOR));
      const latencies = this.#puts.get(size) ?? { before: [], after: [] };
      this.#puts.set(size, latencies);
      latencies[side].push(t - start);
    });
  }

  /** What began before a fault, or before the backlog was gone, is of neither side. */
  #sample(begun: number, take: (side: 'before' | 'after') => void): void {
    if (this.#when === 'before' || (this.#when === 'after' && begun >= this.#since)) take(this.#when);
  }

  #compared(): Compared[] {
    const puts = [...this.#puts].flatMap(([size, { before, after }]) => {
      if (!enough(before, after)) return [];
      const [was, is] = [median(before), median(after)];
      return [
        {
          times: is / was,
          beyond: (limit: number) => is - limit * was - SLACK_MS,
          describe: () =>
            `PUTs of ${saySizes(size)} take ${sayMs(is)} at the median (${counted(after.length, 'PUT')}), and took ${sayMs(was)} before the first fault (${counted(before.length, 'PUT')}), sizes and times as they passed`,
        },
      ];
    });
    const { before, after } = this.#flushes;
    if (!enough(before, after)) return puts;
    const rate = ({ bytes, ms }: Flush) => bytes / Math.max(ms, Number.EPSILON);
    const [was, is] = [median(before.map(rate)), median(after.map(rate))];
    const bytes = median(after.map((flush) => flush.bytes));
    // A size over a duration, both of the config.
    const say = (one: number) => saySize((one * 1000 * this.#compression.bytes) / this.#compression.time);
    return [
      ...puts,
      {
        times: was / is,
        beyond: (limit: number) => bytes / is - (limit * bytes) / was - SLACK_MS,
        describe: () =>
          `flushes bring ${say(is)} a second to S3 at the median (${counted(after.length, 'flush')}), and brought ${say(was)} before the first fault (${counted(before.length, 'flush')})`,
      },
    ];
  }
}

function enough(before: readonly unknown[], after: readonly unknown[]): boolean {
  return before.length >= LEAST_SAMPLES && after.length >= LEAST_SAMPLES;
}

function sayMs(ms: number): string {
  return `${ms.toFixed(ms < 10 ? 1 : 0)}ms`;
}

/** As they were sent, and not of the config. */
function saySizes(size: number): string {
  return `${formatByteSize(FACTOR ** size)} to ${formatByteSize(FACTOR ** (size + 1))}`;
}
