/** A block that is complete on the local disk. It stays there until it is flushed, and for a while after. */
import { loggedWords } from '../object-store/logged-words.ts';
import type { ObjectStore } from '../object-store/object-store.ts';
import { type LocalDisk, text } from './local-disk.ts';

/** The file in a local block's folder that says that the block is in S3: what is not marked so is flushed again at a start. */
export const flushedMark = 'flushed';

export interface LocalObject {
  name: string;
  /** Hex. Absent of a block that was found at a start: it is read when it is needed. */
  sha256?: string;
}

/** Holds a folder for each local block of the tenant. */
export function blocksFolder(tenant: string): string {
  return `blocks/${tenant}`;
}

export function blockFolder(block: string, tenant: string): string {
  return `${blocksFolder(tenant)}/${block}`;
}

/** The id of the block that a file in `blocksFolder` is of. */
export function blockOf(path: string): string {
  return path.split('/')[2] as string;
}

export class LocalBlock {
  readonly folder: string;
  readonly #disk: LocalDisk;

  constructor(
    readonly id: string,
    tenant: string,
    /** In the order of upload: data.parquet, the blooms, index, and meta.json last. */
    readonly objects: readonly LocalObject[],
    disk: LocalDisk,
  ) {
    this.folder = blockFolder(id, tenant);
    this.#disk = disk;
  }

  /**
   * Copies the whole block, object by object, each acknowledged before the next is begun. There is no resume: a copy
   * that failed is begun again at data.parquet.
   * @throws Error in the words that Tempo logs, with what `ObjectStore.putObject` threw as its cause; the signal's reason; Error of the disk.
   */
  async copyTo(store: Pick<ObjectStore, 'putObject'>, keyPrefix: string, signal: AbortSignal): Promise<void> {
    for (const { name, sha256 } of this.objects) {
      const body = await this.#disk.read(`${this.folder}/${name}`, sha256);
      signal.throwIfAborted();
      const key = `${keyPrefix}${name}`;
      await store.putObject(key, body, signal).catch((error) => {
        throw new Error(`error writing object to s3 backend, object ${key}: ${loggedWords(error)}`, { cause: error });
      });
    }
  }

  /** Writes the mark. @throws Error of the disk. */
  async markFlushed(at: Date): Promise<void> {
    await this.#disk.write(`${this.folder}/${flushedMark}`, text(at.toISOString()));
  }

  /** Deletes the block from the local disk. */
  async clear(): Promise<void> {
    await this.#disk.remove(this.folder);
  }
}
