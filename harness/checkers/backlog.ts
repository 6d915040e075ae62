/**
 * How full a writer's local disk got of what is not in S3: pages of the WAL, and local blocks that no flush has brought there. It is what an
 * outage costs while it lasts, and with the disk full data is lost. What the disk holds of blocks that are in S3 is not in it.
 */
import type { HistoryEvent } from '../history/events.ts';
import { formatByteSize } from '../tempo/byte-size.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { percent } from './counted.ts';
import { LocalBacklog } from './local-backlog.ts';
import { numberAt } from './recorded-settings.ts';
import { saySize } from './say-size.ts';

const name = 'backlog';

export const backlog: Checker = {
  name,
  invariant: "What is on a writer's local disk and not in S3 is never more than the scenario expects.",
  kind: 'budget',
  reads: [...LocalBacklog.reads, 'scenario', 'fault.start'],
  judges: ['backlog'],
  start: (context) => new Backlog(context),
};

/** Bytes of the config, and where the figure is from. */
interface Capacity {
  bytes: number;
  of: string;
}

class Backlog implements RunningChecker {
  readonly #context: CheckContext;
  readonly #content = new LocalBacklog();
  #capacity: Capacity | undefined;
  #pages = false;

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.#content.see(event);
    switch (event.type) {
      case 'scenario':
        this.#has(numberAt(event.settings, 'deployment', 'diskPerIngester'), 'deployment.disk');
        break;
      case 'fault.start':
        if (event.fault === 'disk-full') this.#has(numberAt(event.with, 'capacity'), `fault ${event.id}`);
        break;
      case 'wal.page':
        this.#pages = true;
        break;
    }
  }

  findings(): Finding[] {
    const limit = this.#context.expect.backlog;
    const finding = (verdict: Finding['verdict'], message: string): Finding[] => [{ checker: name, verdict, message }];
    if (!this.#pages) {
      const message = 'no page of a WAL was written: what was on the local disks is not known';
      return finding(limit === undefined ? 'pass' : 'inconclusive', message);
    }
    const capacity = this.#capacity;
    const peak = this.#content.peak * this.#context.compression.bytes;
    const share = capacity
      ? `, ${percent(peak / capacity.bytes)} of its ${formatByteSize(capacity.bytes)} (${capacity.of})`
      : '';
    const message = `at its peak, ${saySize(peak)} on one writer's local disk were not in S3${share}`;
    if (limit === undefined) return finding('pass', message);
    if ('share' in limit && !capacity) {
      return finding('inconclusive', `${message}; the history does not say how large the disk is`);
    }
    const allowed = 'share' in limit ? limit.share * (capacity?.bytes ?? 0) : limit.bytes;
    const expected = 'share' in limit ? percent(limit.share) : formatByteSize(limit.bytes);
    return finding(peak > allowed ? 'fail' : 'pass', `${message} (at most ${expected} expected)`);
  }

  /** The smallest counts: a fault may leave less room than the deployment has. `bytes`: as they passed. */
  #has(bytes: number | undefined, of: string): void {
    if (bytes === undefined) return;
    const uncompressed = bytes * this.#context.compression.bytes;
    if (uncompressed < (this.#capacity?.bytes ?? Number.POSITIVE_INFINITY))
      this.#capacity = { bytes: uncompressed, of };
  }
}
