/**
 * How often S3 did what it was asked to: at the first attempt, which tells of the path, and in the end, which tells of the retries.
 *
 * A request is what a writer or compactor needs once: its attempts share its id. It succeeded when one of them was acknowledged. An attempt
 * whose answer was lost may have been applied, and was not acknowledged: what counts is what the client was told. A request that was under
 * way when its writer was stopped is left out, as far as it had not succeeded.
 */
import type { AttemptEvent, HistoryEvent, S3Operation } from '../history/events.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { counted } from './counted.ts';

const name = 'success-rate';

/** Those that a run without faults would send to bring data to S3. */
const writes: readonly S3Operation[] = [
  'PutObject',
  'CopyObject',
  'CreateMultipartUpload',
  'UploadPart',
  'CompleteMultipartUpload',
];

export const successRate: Checker = {
  name,
  invariant: 'At least the expected share of write requests is acknowledged at the first attempt, and in the end.',
  kind: 'budget',
  reads: ['attempt'],
  judges: ['firstAttemptSuccess', 'finalSuccess'],
  start: (context) => new SuccessRate(context),
};

class SuccessRate implements RunningChecker {
  readonly #expect: CheckContext['expect'];
  /** Requests without success so far, and whether the writer's stop ended the last attempt. */
  readonly #open = new Map<string, { stopped: boolean }>();
  #requests = 0;
  #atFirst = 0;
  #inTheEnd = 0;
  /** Requests of which the first attempt was ended by the writer's stop. */
  #stoppedAtFirst = 0;

  constructor({ expect }: CheckContext) {
    this.#expect = expect;
  }

  see(event: HistoryEvent): void {
    if (event.type === 'attempt' && writes.includes(event.operation)) this.#attempted(event);
  }

  findings(): Finding[] {
    const { firstAttemptSuccess, finalSuccess } = this.#expect;
    const judged = firstAttemptSuccess !== undefined || finalSuccess !== undefined;
    const stopped = [...this.#open.values()].filter((request) => request.stopped).length;
    const first = this.#atFirst / (this.#requests - this.#stoppedAtFirst);
    const final = this.#inTheEnd / (this.#requests - stopped);
    if (Number.isNaN(first) || Number.isNaN(final)) {
      const message = 'no write request came to an end: there was nothing that could succeed';
      return [{ checker: name, verdict: judged ? 'inconclusive' : 'pass', message }];
    }
    const least = (limit: number | undefined) => (limit === undefined ? '' : ` (at least ${sayShare(limit)} expected)`);
    const atFirst = `${sayShare(first)} of ${counted(this.#requests, 'write request')} acknowledged at the first attempt${least(firstAttemptSuccess)}`;
    const inTheEnd = `${sayShare(final)} in the end${least(finalSuccess)}`;
    const left = stopped > 0 ? `; ${stopped} under way when the writers were stopped are left out` : '';
    const missed = first < (firstAttemptSuccess ?? 0) || final < (finalSuccess ?? 0);
    return [{ checker: name, verdict: missed ? 'fail' : 'pass', message: `${atFirst}, ${inTheEnd}${left}` }];
  }

  #attempted({ request, attempt, outcome, failure }: AttemptEvent): void {
    const known = this.#open.get(request);
    if (!known) this.#requests++;
    if (outcome === 'ok') {
      if (attempt === 1) this.#atFirst++;
      this.#inTheEnd++;
      this.#open.delete(request);
      return;
    }
    const stopped = failure === 'aborted';
    if (attempt === 1 && stopped) this.#stoppedAtFirst++;
    if (known) known.stopped = stopped;
    else this.#open.set(request, { stopped });
  }
}

/** Rounded down to a tenth of a percent, so that what missed its budget never reads as equal to it. */
function sayShare(share: number): string {
  // 0.29 * 1000 is 289.99999999999994.
  return `${Math.floor(Number((share * 1000).toPrecision(12))) / 10} %`;
}
