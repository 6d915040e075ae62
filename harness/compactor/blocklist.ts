/**
 * What a compactor knows of the blocks of one tenant, as Tempo's poller and its blocklist do:
 *
 * 1. A poll lists the tenant's keys, and reads the meta.json of each block that was not known. One that is gone by then was
 *    compacted meanwhile, and is none.
 * 2. A poll that fails leaves the list as it was.
 * 3. What this compactor does to the list while a poll is under way is done again to what the poll found: it may have looked before.
 */
import type { ObjectStore } from '../object-store/object-store.ts';
import { S3Error } from '../object-store/s3-operations.ts';
import { pooled } from '../pooled.ts';
import { parseStoredBlock, type StoredBlock } from './stored-block.ts';

/** Tempo's `blocklist_poll_concurrency`. */
const READ_AT_ONCE = 50;

const META = 'meta.json';

interface Update {
  add: StoredBlock;
  remove: ReadonlySet<string>;
}

export class Blocklist {
  #blocks = new Map<string, StoredBlock>();
  /** Since the poll that is under way began. */
  #updates: Update[] = [];

  /** `folder`: where the tenant's blocks are, with a slash at its end. */
  constructor(readonly folder: string) {}

  /** Not compacted, the earliest first. */
  get blocks(): readonly StoredBlock[] {
    return [...this.#blocks.values()].sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
  }

  /** @throws what the store throws, and Error for a meta.json that cannot be read: the list is as it was. */
  async poll(store: ObjectStore, signal: AbortSignal): Promise<void> {
    this.#updates = [];
    const found = new Map<string, StoredBlock>();
    const unknown: string[] = [];
    for (const key of await store.listKeys(this.folder, signal)) {
      const [block = '', name, ...deeper] = key.slice(this.folder.length).split('/');
      if (name !== META || deeper.length > 0) continue;
      const known = this.#blocks.get(block);
      if (known) found.set(block, known);
      else unknown.push(key);
    }
    const read = await pooled(unknown, READ_AT_ONCE, (key) => readStoredBlock(store, key, signal));
    for (const block of read) if (block) found.set(block.id, block);
    this.#blocks = found;
    for (const update of this.#updates) this.#apply(update);
  }

  /** A job is over: `output` is there, and its inputs are taken to be compacted, whether the mark of each succeeded or not. */
  compacted(inputs: readonly StoredBlock[], output: StoredBlock): void {
    const update = { add: output, remove: new Set(inputs.map(({ id }) => id)) };
    this.#updates.push(update);
    this.#apply(update);
  }

  #apply({ add, remove }: Update): void {
    for (const block of remove) this.#blocks.delete(block);
    this.#blocks.set(add.id, add);
  }
}

/** `undefined`: there is none, so the block is compacted or not whole. @throws what the store throws. */
export async function readStoredBlock(
  store: ObjectStore,
  key: string,
  signal: AbortSignal,
): Promise<StoredBlock | undefined> {
  try {
    return parseStoredBlock(key, (await store.getObject(key, signal)).toString());
  } catch (error) {
    if (error instanceof S3Error && error.status === 404) return undefined;
    throw error;
  }
}
