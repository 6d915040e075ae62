/**
 * A reader takes a block to exist once its `meta.json` does: so `meta.json` must be applied last.
 *
 * When MinIO applied an object is not known to the moment, only within bounds:
 *
 * 1. It cannot have been applied before the request had reached MinIO with its whole body, so not before `from`.
 * 2. If MinIO answered 2xx, it was applied `by` the time of that answer: *surely*. If no answer came, or a 5xx, it *may* have been
 *    applied, at any time from `from` on: `by` is infinite. A 4xx, or a body that never came whole, was not applied.
 * 3. An application of `meta.json` is in order when a sure application of each other object was over before it could begin.
 * 4. It is a violation only when certain: `meta.json` surely applied, and some other object cannot have been before it was.
 * 5. What is neither is undecidable, and so is the block.
 * 6. Once `meta.json` is surely visible, an object surely applied with another ETag than the one before is a violation too.
 *
 * The bounds are kept, and judged at the end: exchanges are recorded in the order in which they ended.
 *
 * A reader that polls the bucket (poll-witness.ts) is a second witness:
 *
 * 7. A block that it saw with its meta.json and without another of its objects is a violation, unless the edge has all in order.
 * 8. Where the two contradict each other one of them is wrong, and the block is undecidable: what the reader found cannot have been
 *    applied by then, or what it missed had been, or it did not find a block that was there when its poll began.
 * 9. Of a block that a compactor wrote, the reader is judged here, and the edge in compaction.ts.
 */
import type { EdgeEvent, HistoryEvent } from '../history/events.ts';
import { BlockIndex, objectName } from './block-index.ts';
import type { CheckContext, Checker, Finding, RunningChecker } from './checker.ts';
import { configTime, sayDuration } from './config-time.ts';
import { counted, listed } from './counted.ts';
import { PollWitness, type Sight } from './poll-witness.ts';

const name = 'atomicity';
const META = 'meta.json';

/** When MinIO applied one object: between `from` and `by`, or, with an infinite `by`, perhaps never. */
export interface Application {
  from: number;
  by: number;
  etag: string | undefined;
}

interface ObjectState {
  applications: Application[];
  /** The client was told that S3 has it. */
  acknowledged: boolean;
}

interface WrittenBlock {
  block: string;
  objects: Map<string, ObjectState>;
  flushed: boolean;
}

interface BlockState extends WrittenBlock {
  keyPrefix: string;
  cutAt: number;
}

export type Judged = { verdict: 'in order' } | { verdict: 'violated' | 'undecidable'; why: string };

export const atomicity: Checker = {
  name,
  invariant:
    "A block's meta.json is only ever applied by S3 after all other objects of the block, and none of them changes once it is visible.",
  kind: 'safety',
  reads: [...PollWitness.reads, 'flush.end', 'attempt'],
  start: (context) => new Atomicity(context),
};

class Atomicity implements RunningChecker {
  readonly #context: CheckContext;
  readonly #blocks = new BlockIndex<BlockState>();
  readonly #reader = new PollWitness();

  constructor(context: CheckContext) {
    this.#context = context;
  }

  see(event: HistoryEvent): void {
    this.#reader.see(event);
    switch (event.type) {
      case 'block.cut':
        // A block cut again has the same objects; what was applied of them stays applied.
        if (this.#blocks.ofBlock(event.block)) return;
        this.#blocks.add(event, {
          block: event.block,
          keyPrefix: event.keyPrefix,
          cutAt: event.t,
          flushed: false,
          objects: new Map(event.objects.map((object) => [object.name, { applications: [], acknowledged: false }])),
        });
        break;
      case 'flush.end': {
        const state = this.#blocks.ofBlock(event.block);
        if (state && event.outcome === 'ok') state.flushed = true;
        break;
      }
      case 'attempt': {
        if (!makesAnObject(event) || event.outcome !== 'ok') return;
        const object = this.#blocks.ofKey(event.key)?.objects.get(objectName(event.key));
        if (object) object.acknowledged = true;
        break;
      }
      case 'edge': {
        if (!makesAnObject(event)) return;
        const object = this.#blocks.ofKey(event.key)?.objects.get(objectName(event.key));
        const application = object && applicationOf(event);
        if (application) object.applications.push(application);
        break;
      }
    }
  }

  findings(): Finding[] {
    const violated: { block: string; why: string }[] = [];
    const undecidable: { block: string; why: string }[] = [];
    let inOrder = 0;
    for (const state of this.#blocks.all()) {
      const judged = this.#judge(state);
      if (judged === undefined) continue;
      if (judged.verdict === 'in order') inOrder++;
      else (judged.verdict === 'violated' ? violated : undecidable).push({ block: state.block, why: judged.why });
    }
    for (const sight of this.#reader.ofCompacted()) {
      if (sight.missing.length > 0) violated.push({ block: sight.block, why: sayMissing(sight) });
    }
    const findings: Finding[] = this.#unreadable();
    if (violated.length > 0) {
      findings.push({
        checker: name,
        verdict: 'fail',
        message: `${counted(violated.length, 'block')} could be read incomplete: ${describe(violated)}`,
        blocks: violated.map(({ block }) => block),
      });
    }
    if (undecidable.length > 0) {
      findings.push({
        checker: name,
        verdict: 'inconclusive',
        message: `the order in which S3 applied ${counted(undecidable.length, 'block')} is not known: ${describe(undecidable)}`,
        blocks: undecidable.map(({ block }) => block),
      });
    }
    if (findings.some(({ verdict }) => verdict !== 'pass')) return findings;
    if (inOrder === 0) {
      const message = 'S3 was never seen to apply a meta.json: no order to judge';
      return [{ checker: name, verdict: 'inconclusive', message }, ...findings];
    }
    const message = `meta.json was applied last in ${counted(inOrder, 'block')}${this.#describePolls()}`;
    return [{ checker: name, verdict: 'pass', message }, ...findings];
  }

  /** What both witnesses say of one block. `undefined`: neither has seen it visible. */
  #judge(state: BlockState): Judged | undefined {
    const byEdge = judgeBlock(state);
    const sight = this.#reader.of(state.keyPrefix);
    if (sight && sight.missing.length > 0) {
      const why = sayMissing(sight, `, ${this.#sinceCut(state, sight.t)} after its cut`);
      if (byEdge?.verdict === 'violated') return { verdict: 'violated', why: `${byEdge.why}; ${why}` };
      if (byEdge?.verdict !== 'in order') return { verdict: 'violated', why };
      return contradicted(`${why}, and the gateway saw S3 acknowledge that before`);
    }
    const early = sight && foundTooEarly(state, sight);
    if (early !== undefined)
      return contradicted(`a reader found ${early}, and the gateway saw no such request by then`);
    const visible = surelyVisible(state);
    const poll = visible === undefined ? undefined : this.#reader.overlookedBy(state.keyPrefix, visible);
    if (visible !== undefined && poll) {
      const times = `${this.#sinceCut(state, visible)} after its cut, and a reader that polled ${this.#sinceCut(state, poll.start)} after it`;
      return contradicted(`the gateway saw S3 acknowledge its meta.json ${times} did not find it`);
    }
    return byEdge;
  }

  #sinceCut({ cutAt }: BlockState, t: number): string {
    return sayDuration(configTime(t - cutAt, this.#context.compression));
  }

  #describePolls(): string {
    const { all, failed } = this.#reader.polls;
    if (all === failed) return '';
    const without = failed > 0 ? ` (${failed} of ${counted(all, 'poll')} failed)` : '';
    return `, and a reader that polled found each block whole${without}`;
  }

  /** No reader knows these blocks; whether their data is lost, durability says. */
  #unreadable(): Finding[] {
    const { unreadable } = this.#reader;
    if (unreadable.length === 0) return [];
    const each = listed(
      unreadable.map(({ problem }) => problem),
      2,
    );
    const message = `no reader makes a block of ${counted(unreadable.length, 'meta.json')} that it polled: ${each}`;
    return [{ checker: name, verdict: 'pass', message, note: true }];
  }
}

function contradicted(why: string): Judged {
  return { verdict: 'undecidable', why: `${why}: one of the two witnesses is wrong` };
}

function sayMissing({ missing }: Sight, when = ''): string {
  return `a reader that polled saw its meta.json and no ${listed(missing)}${when}`;
}

/** An object that the reader found, and that cannot have been applied by then. */
function foundTooEarly({ objects }: BlockState, { t }: Sight): string | undefined {
  for (const [object, { applications }] of objects) if (!applications.some(({ from }) => from <= t)) return object;
  return undefined;
}

/** Since when meta.json was surely in S3; whether it went again, a `DeleteObject` tells. */
function surelyVisible({ objects }: BlockState): number | undefined {
  const by = Math.min(...(objects.get(META)?.applications ?? []).map((application) => application.by));
  return Number.isFinite(by) ? by : undefined;
}

export function makesAnObject({ operation }: { operation: EdgeEvent['operation'] }): boolean {
  return operation === 'PutObject' || operation === 'CompleteMultipartUpload';
}

let last: { event: EdgeEvent; application: Application | undefined } | undefined;

/** `undefined`: certainly not applied. Several ask for that of the same exchange: the last is kept. */
export function applicationOf(event: EdgeEvent): Application | undefined {
  if (last?.event !== event) last = { event, application: findApplication(event) };
  return last.application;
}

function findApplication({ operation, upstream, bodyEnd, start, code, rule }: EdgeEvent): Application | undefined {
  if (!upstream) return undefined;
  const { status, etag } = upstream;
  // A request that the gateway sent again may have been applied the first time, before `upstream.start`.
  const reached = upstream.resent === undefined ? upstream.start : start;
  const from = Math.max(reached, bodyEnd ?? reached);
  if (status !== undefined && status >= 200 && status < 300) {
    // A Complete may be answered 200 with an error in the body; a code that a rule put there says nothing about MinIO.
    const refused = operation === 'CompleteMultipartUpload' && code !== undefined && rule === undefined;
    if (refused || upstream.error !== undefined) return { from, by: Number.POSITIVE_INFINITY, etag: undefined };
    // PutObject is answered once it is committed; the answer to a Complete begins before, to keep the connection alive.
    return { from, by: operation === 'PutObject' ? (upstream.answer ?? upstream.end) : upstream.end, etag };
  }
  if (bodyEnd === undefined) return undefined;
  if (status !== undefined && status < 500) return undefined;
  return { from, by: Number.POSITIVE_INFINITY, etag: undefined };
}

/** `undefined`: the block was never visible, so there is nothing to judge. */
export function judgeBlock({ objects, flushed }: WrittenBlock): Judged | undefined {
  const meta = objects.get(META);
  if (!meta) return { verdict: 'undecidable', why: 'it was cut without a meta.json' };
  if (meta.applications.length === 0) {
    if (!flushed && !meta.acknowledged) return undefined;
    return { verdict: 'undecidable', why: 'its meta.json was acknowledged, but did not pass the gateway' };
  }
  const judgements = [judgeOverwrites(objects, meta)];
  for (const application of meta.applications) {
    for (const [object, state] of objects) if (object !== META) judgements.push(judgeOrder(object, state, application));
  }
  return (
    judgements.find(({ verdict }) => verdict === 'violated') ??
    judgements.find(({ verdict }) => verdict === 'undecidable') ?? { verdict: 'in order' }
  );
}

/** Steps 3 to 5 for one application of meta.json and one other object. */
function judgeOrder(object: string, { applications, acknowledged }: ObjectState, meta: Application): Judged {
  if (applications.some(({ by }) => by <= meta.from)) return { verdict: 'in order' };
  const surelyVisible = Number.isFinite(meta.by);
  const possiblyBefore = applications.some(({ from }) => from <= meta.by);
  if (surelyVisible && !possiblyBefore && !(applications.length === 0 && acknowledged)) {
    const why =
      applications.length === 0
        ? `meta.json was applied, and ${object} never was`
        : `meta.json was applied before ${object}`;
    return { verdict: 'violated', why };
  }
  return {
    verdict: 'undecidable',
    why: surelyVisible
      ? `${object} may have been applied before its meta.json or after it`
      : `an upload of meta.json that got no answer may have been applied before ${object}`,
  };
}

/** Step 6. */
function judgeOverwrites(objects: Map<string, ObjectState>, meta: ObjectState): Judged {
  const visible = Math.min(...meta.applications.map(({ by }) => by));
  if (!Number.isFinite(visible)) return { verdict: 'in order' };
  for (const [object, { applications }] of objects) {
    if (applications.length < 2) continue;
    // The content that was read when the block became visible: the last that was surely applied by then.
    const before = applications.filter(({ by }) => by <= visible).at(-1);
    if (before?.etag === undefined) continue;
    const doubtful = applications.some(({ from, by }) => by > visible && from <= visible);
    const changed = applications.find(
      ({ from, by, etag }) => from > visible && Number.isFinite(by) && etag !== undefined && etag !== before.etag,
    );
    if (!changed) continue;
    const why = `${object} was overwritten after its meta.json was visible (ETag ${before.etag}, then ${changed.etag})`;
    return doubtful
      ? { verdict: 'undecidable', why: `${why}, but an upload without an answer may have done so before` }
      : { verdict: 'violated', why };
  }
  return { verdict: 'in order' };
}

function describe(blocks: { block: string; why: string }[]): string {
  return listed(
    blocks.map(({ block, why }) => `block ${block}: ${why}`),
    3,
  );
}
