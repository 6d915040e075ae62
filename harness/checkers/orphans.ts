/**
 * What is left of multipart uploads that were neither completed nor aborted. No reader sees it, no listing of objects shows it, and S3
 * charges for it until it is removed.
 */
import type { HistoryEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';
import { saySize } from './say-size.ts';

const name = 'orphans';

/**
 * US dollars for a GB-month of S3 Standard: Amazon's list price in us-east-1 for the first 50 TB, as it has been since 1 December 2016.
 * Parts of an upload are charged as objects of its storage class are.
 */
const DOLLARS_A_GB_MONTH = 0.023;
/** Amazon counts 2^30 bytes to the GB. */
const GB = 1024 ** 3;

export const orphans: Checker = {
  name,
  invariant: 'No more of multipart uploads that were never completed is left in the bucket than the scenario expects.',
  kind: 'budget',
  reads: ['final.upload', 'final.read'],
  judges: ['orphanedParts', 'orphanedBytes'],
  start: (context) => new Orphans(context),
};

/** What so many bytes cost in a month, in US dollars. */
export function monthlyCost(bytes: number): number {
  return (bytes / GB) * DOLLARS_A_GB_MONTH;
}

class Orphans implements RunningChecker {
  readonly #context: CheckContext;
  #uploads = 0;
  #parts = 0;
  #bytes = 0;
  #finalRead = false;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    if (event.type === 'final.read') this.#finalRead = true;
    if (event.type !== 'final.upload') return;
    this.#uploads++;
    this.#parts += event.parts;
    this.#bytes += event.bytes;
  }

  findings(): Finding[] {
    const { orphanedParts, orphanedBytes } = this.#context.expect;
    const judged = orphanedParts !== undefined || orphanedBytes !== undefined;
    if (!this.#finalRead) {
      const message = 'the final read of the bucket was not completed: what uploads left behind is not known';
      return [{ checker: name, verdict: judged ? 'inconclusive' : 'pass', message }];
    }
    if (this.#uploads === 0) {
      return [{ checker: name, verdict: 'pass', message: 'no upload was left behind' }];
    }
    const bytes = this.#bytes * this.#context.compression.bytes;
    const limits = [
      ...(orphanedParts === undefined ? [] : [counted(orphanedParts, 'part')]),
      ...(orphanedBytes === undefined ? [] : [formatByteSize(orphanedBytes)]),
    ];
    const expected = judged ? ` (at most ${limits.join(' and ')} expected)` : '';
    const message = `${this.#describe(bytes)}${expected}`;
    const over =
      this.#parts > (orphanedParts ?? Number.POSITIVE_INFINITY) || bytes > (orphanedBytes ?? Number.POSITIVE_INFINITY);
    return [
      over ? { checker: name, verdict: 'fail', message } : { checker: name, verdict: 'pass', message, note: true },
    ];
  }

  #describe(bytes: number): string {
    const uploads = `${counted(this.#uploads, 'multipart upload')} ${this.#uploads === 1 ? 'was' : 'were'} neither completed nor aborted`;
    if (this.#parts === 0) return `${uploads}, and no part of ${this.#uploads === 1 ? 'it' : 'them'} is left behind`;
    const left = `${counted(this.#parts, 'part')} of ${saySize(bytes)} ${this.#parts === 1 ? 'is' : 'are'} left behind`;
    return `${uploads}: ${left}, which no reader sees and S3 charges for (${sayDollars(monthlyCost(bytes))} a month at the list price of S3 Standard) until a lifecycle rule of the bucket, AbortIncompleteMultipartUpload, removes them`;
  }
}

function sayDollars(dollars: number): string {
  if (dollars < 0.01) return 'under $0.01';
  return `$${dollars.toFixed(2)}`;
}
