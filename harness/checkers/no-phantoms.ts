/**
 * What is in the bucket and should not be: the other side of durability.
 *
 * 1. An object is *written* when a request for its key may have been applied: a client was told so or got no answer, or the gateway saw
 *    S3 take it. An object of the final read that was not written came past the gateway, or is of somebody else.
 * 2. Below the folder that blocks are in, each folder has to be that of a block that a writer had (cut, flushed, or in its WAL) or a
 *    compactor made. Any other is a block under an id that nobody gave it. What is elsewhere is the harness's own traffic.
 * 3. An object of a block that was cut has to be one of those that it was cut with, or a compactor's mark, and as long as it was in one of
 *    its cuts: a block cut again is shorter than before when pages of its WAL were lost, and either may be in the bucket. That it is the
 *    right one, durability says. Of what a compactor wrote only the objects are known that S3 acknowledged.
 * 4. Two blocks of writers with the same data are one block, flushed under two ids.
 */
import type { BlockObject, FinalObjectEvent, HistoryEvent } from '../history/events.ts';
import { applicationOf } from './atomicity.ts';
import { dataOf } from './block-index.ts';
import type { Checker, Finding, RunningChecker } from './checker.ts';
import { counted, listed } from './counted.ts';
import { blockOf, folderOf, objectName } from './object-key.ts';

const name = 'no-phantoms';
/** What a compactor leaves in place of a meta.json. */
const MARK = 'meta.compacted.json';

export const noPhantoms: Checker = {
  name,
  invariant:
    'Every object in the bucket was written by a request, has a size that its writer gave it, and is of a block that a writer cut or a compactor made; and no data is there under two block ids.',
  kind: 'safety',
  reads: [
    'attempt',
    'edge',
    'block.cut',
    'wal.page',
    'flush.start',
    'compaction',
    'final.object',
    'final.read',
    'harness.error',
  ],
  start: () => new NoPhantoms(),
};

/** What a writer or compactor said that the objects of a block are: more than once of a block that was cut again. */
interface Made {
  versions: (readonly BlockObject[])[];
  /** By a writer: it told of all its objects. */
  cut: boolean;
}

class NoPhantoms implements RunningChecker {
  /** Keys for which a request may have been applied. */
  readonly #written = new Set<string>();
  /** By the block's folder. */
  readonly #made = new Map<string, Made>();
  readonly #blocks = new Set<string>();
  /** The folders that blocks are in: one for each tenant. */
  readonly #tenants = new Set<string>();
  /** The first block that each data was cut for, by its hash, and blocks that were cut for the same. */
  readonly #dataOf = new Map<string, string>();
  readonly #twins: { block: string; of: string }[] = [];
  readonly #withData = new Set<string>();
  readonly #unwritten: string[] = [];
  /** Objects of a known block that are not as anybody had them. */
  readonly #strange: { block: string; what: string }[] = [];
  readonly #unknown = new Map<string, number>();
  #objects = 0;
  #finalRead = false;
  #broken = false;

  see(event: HistoryEvent): void {
    switch (event.type) {
      case 'attempt':
        if (mayMakeAnObject(event) && event.outcome !== 'fail') this.#written.add(event.key);
        break;
      case 'edge':
        if (mayMakeAnObject(event) && applicationOf(event)) this.#written.add(event.key);
        break;
      case 'block.cut':
        this.#knows(event.block, event.keyPrefix, event.objects, true);
        this.#cutData(event.block, dataOf(event));
        break;
      case 'compaction':
        this.#knows(event.output, event.keyPrefix, event.objects, false);
        break;
      // A block whose cut went with a killed process is its writer's all the same.
      case 'wal.page':
      case 'flush.start':
        this.#blocks.add(event.block);
        break;
      case 'final.object':
        this.#found(event);
        break;
      case 'final.read':
        this.#finalRead = true;
        break;
      case 'harness.error':
        this.#broken = true;
        break;
    }
  }

  findings(): Finding[] {
    if (!this.#finalRead) {
      const message = 'the final read of the bucket was not completed: what is in it is not known';
      return [{ checker: name, verdict: 'inconclusive', message }];
    }
    const twins = this.#twins.filter(({ block, of }) => this.#withData.has(block) && this.#withData.has(of));
    const problems: string[] = [];
    if (this.#unknown.size > 0) {
      const each = [...this.#unknown].map(([block, objects]) => `block ${block} (${counted(objects, 'object')})`);
      problems.push(`${counted(this.#unknown.size, 'block')} that no writer cut: ${listed(each)}`);
    }
    if (twins.length > 0) {
      const each = twins.map(({ block, of }) => `block ${block} has the data of block ${of}`);
      problems.push(`${counted(twins.length, 'block')} flushed under two ids: ${listed(each)}`);
    }
    if (this.#strange.length > 0) {
      const each = this.#strange.map(({ what }) => what);
      problems.push(`${counted(this.#strange.length, 'object')} that no writer had so: ${listed(each)}`);
    }
    if (this.#unwritten.length > 0) {
      problems.push(`${counted(this.#unwritten.length, 'object')} that no request wrote: ${listed(this.#unwritten)}`);
    }
    if (problems.length === 0) {
      const message =
        this.#objects === 0
          ? 'there is nothing in the bucket'
          : `${counted(this.#objects, 'object')} in the bucket, each written by a request, and as its writer had it`;
      return [{ checker: name, verdict: 'pass', message }];
    }
    const blocks = [
      ...this.#unknown.keys(),
      ...twins.map(({ block }) => block),
      ...new Set(this.#strange.map(({ block }) => block)),
    ];
    const message = `the bucket has what nobody wrote: ${problems.join('; ')}`;
    // With a part of the harness gone, what it saw to the end is gone too.
    return [
      { checker: name, verdict: this.#broken ? 'inconclusive' : 'fail', message, ...(blocks.length > 0 && { blocks }) },
    ];
  }

  #knows(block: string, folder: string, objects: readonly BlockObject[], cut: boolean): void {
    this.#blocks.add(block);
    this.#tenants.add(parentOf(folder));
    const versions = this.#made.get(folder)?.versions ?? [];
    this.#made.set(folder, { versions: [...versions, objects], cut });
  }

  #cutData(block: string, data: BlockObject | undefined): void {
    if (!data || data.size === 0) return;
    const first = this.#dataOf.get(data.sha256);
    if (first === undefined) this.#dataOf.set(data.sha256, block);
    else if (first !== block) this.#twins.push({ block, of: first });
  }

  #found({ key, size }: FinalObjectEvent): void {
    this.#objects++;
    const object = objectName(key);
    const folder = folderOf(key);
    const block = blockOf(key);
    if (object === 'data.parquet') this.#withData.add(block);
    if (this.#tenants.has(parentOf(folder)) && !this.#blocks.has(block)) {
      this.#unknown.set(block, (this.#unknown.get(block) ?? 0) + 1);
      return;
    }
    if (!this.#written.has(key)) {
      this.#unwritten.push(key);
      return;
    }
    const { versions = [], cut = false } = this.#made.get(folder) ?? {};
    if (versions.some((objects) => objects.some((version) => version.name === object && version.size === size))) return;
    const sizes = versions.flatMap((objects) =>
      objects.filter(({ name }) => name === object).map((version) => version.size),
    );
    if (sizes.length > 0) {
      const instead = [...new Set(sizes)].join(' or ');
      this.#strange.push({ block, what: `${object} of block ${block} has ${size} bytes instead of ${instead}` });
    } else if (cut && object !== MARK) {
      this.#strange.push({ block, what: `${object} is none of the objects of block ${block}` });
    }
  }
}

function mayMakeAnObject({ operation }: { operation: string }): boolean {
  return operation === 'PutObject' || operation === 'CompleteMultipartUpload' || operation === 'CopyObject';
}

/** The folder that a folder is in: both with a slash at their end. */
function parentOf(folder: string): string {
  return folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
}
