/**
 * Whether retries make of an outage a storm: more requests than S3 has to take at any other time, at once when it is about to be well.
 *
 * 1. *The waits.* A client waits between attempts as its policy says, with jitter (backoff-waits.ts). This is always judged.
 * 2. *The rate.* Write attempts for blocks, in the busiest minute there was, against the busiest minute of the same run without faults:
 *    there, each block's requests are sent once, when it was cut. Blocks that wait for S3 are sent when it is well: that counts too.
 * 3. *In step.* Between the first fault's begin and a minute after the last heal, the mean correlation of two writers' retries, second by
 *    second (in-step.ts). A retry is an attempt that is not the first of its request, and the first of a flush that is not the first
 *    of its block. One writer is in step with none.
 *
 * Rate and step are judged where a scenario expects `retryStorm`; otherwise they are told of when they are striking. Minutes and seconds are
 * of the config's time.
 */
import type { AttemptEvent, HistoryEvent } from '../history/events.ts';
import { BackoffWaits, type Waits } from './backoff-waits.ts';
import { BlockIndex } from './block-index.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { configTime, sayMoment } from './config-time.ts';
import { counted } from './counted.ts';
import { meanCorrelation } from './in-step.ts';
import { isNeeded, requestOf, writes } from './request-tally.ts';

const name = 'retry-storm';

/** A bin, in milliseconds of the config's time, and the bins of a minute. */
const BIN_MS = 1000;
const MINUTE = 60;

/** Told of unasked: twice what Tempo's policy makes of an S3 that throttles all requests (5.4 times in `retries-matter`). */
const STRIKING_RATE = 10;
/**
 * Writers are in step above it: half of the way from independent ones (0) to those that do the same in each second (1). By chance, three
 * independent writers over two minutes have a standard deviation of 0.07 (in-step.test.ts).
 */
const IN_STEP = 0.5;
/** Fewer writers, or retries of each, say nothing about step. */
const LEAST_WRITERS = 3;
const LEAST_RETRIES = 5;

export const retryStorm: Checker = {
  name,
  invariant:
    'A client waits between attempts as its policy says, with full jitter; and neither during an outage nor after it are so many more attempts sent than at other times, nor by all writers in step.',
  kind: 'budget',
  reads: ['scenario', 'attempt', 'block.cut', 'flush.start', 'flush.end', 'fault.start', 'fault.end', 'phase'],
  start: (context) => new RetryStorm(context),
};

interface OpenBlock {
  block: string;
  keyPrefix: string;
  writer: string;
  cutAt: number;
  /** The distinct requests that were needed so far. */
  requests: Set<string>;
  /** Its flush has begun again, and nothing has been sent yet. */
  startsOver: boolean;
}

interface Peak {
  count: number;
  /** Its first bin. */
  from: number;
}

class RetryStorm implements RunningChecker {
  readonly #context: CheckContext;
  readonly #waits = new BackoffWaits();
  /** Blocks that are not in S3 yet. */
  readonly #open = new BlockIndex<OpenBlock>();
  /** Attempts, and needed requests at the time of the cut, by bin. */
  readonly #attempts = new Map<number, number>();
  readonly #needed = new Map<number, number>();
  /** Blocks that were flushed, and requests that they needed. */
  #flushed = { blocks: 0, requests: 0 };
  /** Retries of each writer, by bin. */
  readonly #retries = new Map<string, Map<number, number>>();
  #outage: { from: number; until: number } | undefined;
  #zero = 0;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'scenario':
        this.#zero = event.t;
        this.#waits.begin(event);
        break;
      case 'phase':
        if (event.phase === 'timeline') this.#zero = event.t;
        break;
      case 'fault.start':
        this.#outage ??= { from: event.t, until: event.t };
        break;
      case 'fault.end':
        if (this.#outage) this.#outage.until = event.t;
        break;
      case 'block.cut': {
        const { block, keyPrefix, writer, t } = event;
        const requests = this.#open.ofBlock(block)?.requests ?? new Set();
        this.#open.add(event, { block, keyPrefix, writer, cutAt: t, requests, startsOver: false });
        break;
      }
      case 'flush.start': {
        const state = this.#open.ofBlock(event.block);
        if (state && event.attempt > 1) state.startsOver = true;
        break;
      }
      case 'attempt':
        this.#waits.see(event);
        if (writes(event)) this.#attempted(event);
        break;
      case 'flush.end': {
        const state = this.#open.ofBlock(event.block);
        if (!state || event.outcome !== 'ok') return;
        this.#flushed.blocks++;
        this.#flushed.requests += state.requests.size;
        add(this.#needed, this.#bin(state.cutAt), state.requests.size);
        this.#open.delete(state);
        break;
      }
    }
  }

  findings(): Finding[] {
    const waits = this.#waits.waits();
    if (waits && waits.distance > waits.allowed) {
      // However late the harness was: it is the client's own draws that are judged.
      return [{ checker: name, verdict: 'fail', message: sayWaits(waits), missedByMs: 'never' }];
    }
    const limit = this.#context.expect.retryStorm;
    const judged = limit !== undefined;
    const steady = this.#steady();
    const peak = peakOf(this.#attempts);
    if (!peak || !steady) {
      const message = 'no block was flushed: there is no rate of attempts to hold a storm against';
      return [{ checker: name, verdict: judged ? 'inconclusive' : 'pass', message }];
    }
    const times = peak.count / steady;
    const inStep = this.#inStep();
    const rate = `${counted(peak.count, 'write attempt')} in the busiest minute, from ${this.#sayBin(peak.from)} on, ${times.toFixed(1)} times the ${Math.round(steady)} of the busiest without faults`;
    const step = inStep === undefined ? '' : `; ${sayStep(inStep)}`;
    if (!judged) {
      const striking = times >= STRIKING_RATE || (inStep !== undefined && inStep.correlation > IN_STEP);
      return [{ checker: name, verdict: 'pass', message: rate + step, ...(striking && { note: true }) }];
    }
    const tooMany = times > limit;
    const together = inStep !== undefined && inStep.correlation > IN_STEP;
    const against = `${rate} (at most ${limit} times expected)${step}`;
    return [{ checker: name, verdict: tooMany || together ? 'fail' : 'pass', message: against }];
  }

  #attempted(event: AttemptEvent): void {
    const state = this.#open.ofKey(event.key);
    // Not an object of a block, or of one that is in S3.
    if (!state) return;
    const bin = this.#bin(event.start);
    add(this.#attempts, bin, 1);
    if (isNeeded(event)) state.requests.add(requestOf(event));
    if (event.attempt === 1 && !state.startsOver) return;
    state.startsOver = false;
    const retries = this.#retries.get(state.writer) ?? new Map<number, number>();
    this.#retries.set(state.writer, retries);
    add(retries, bin, 1);
  }

  /** Needed requests of the busiest minute without faults. `undefined`: no block is known to have had all of its own. */
  #steady(): number | undefined {
    const { blocks, requests } = this.#flushed;
    if (blocks === 0) return undefined;
    const needed = new Map(this.#needed);
    // What never got to S3 needs as much as what did.
    for (const { cutAt } of this.#open.all()) add(needed, this.#bin(cutAt), requests / blocks);
    return peakOf(needed)?.count;
  }

  #inStep(): { writers: number; correlation: number } | undefined {
    if (!this.#outage) return undefined;
    const from = this.#bin(this.#outage.from);
    const until = this.#bin(this.#outage.until) + MINUTE;
    const counts = [...this.#retries.values()]
      .map((retries) => Array.from({ length: until - from + 1 }, (_, index) => retries.get(from + index) ?? 0))
      .filter((of) => of.reduce((sum, count) => sum + count, 0) >= LEAST_RETRIES);
    if (counts.length < LEAST_WRITERS) return undefined;
    const correlation = meanCorrelation(counts);
    return correlation === undefined ? undefined : { writers: counts.length, correlation };
  }

  #bin(t: number): number {
    return Math.floor(configTime(t, this.#context.compression) / BIN_MS);
  }

  #sayBin(bin: number): string {
    return sayMoment(bin * BIN_MS - configTime(this.#zero, this.#context.compression));
  }
}

function add(counts: Map<number, number>, bin: number, more: number): void {
  counts.set(bin, (counts.get(bin) ?? 0) + more);
}

/** The most in a minute. `undefined`: there was none. */
function peakOf(counts: ReadonlyMap<number, number>): Peak | undefined {
  const bins = [...counts.keys()].sort((a, b) => a - b);
  let peak: Peak | undefined;
  let sum = 0;
  let first = 0;
  for (const bin of bins) {
    sum += counts.get(bin) ?? 0;
    for (; (bins[first] as number) <= bin - MINUTE; first++) sum -= counts.get(bins[first] as number) ?? 0;
    if (sum > (peak?.count ?? 0)) peak = { count: sum, from: bins[first] as number };
  }
  return peak;
}

function sayWaits({ count, median, distance, allowed }: Waits): string {
  const how =
    median < 0.1
      ? 'hardly waits between attempts'
      : median > 0.9
        ? 'waits its whole limit, without jitter'
        : 'does not wait with full jitter';
  return `the client ${how}: of ${counted(count, 'wait')}, half were ${median.toFixed(2)} of their limit or less, where any share from 0 to 1 is as likely as any other (D ${distance.toFixed(2)}, and more than ${allowed.toFixed(2)} is chance once in a billion runs)`;
}

function sayStep({ writers, correlation }: { writers: number; correlation: number }): string {
  const how = correlation > IN_STEP ? 'retried in step' : 'did not retry in step';
  return `${counted(writers, 'writer')} ${how} (mean correlation ${correlation.toFixed(2)}, in step above ${IN_STEP})`;
}
