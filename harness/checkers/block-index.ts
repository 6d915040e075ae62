/** Finds what a checker keeps of a block by the block's id, and by the key of any of its objects. */
import type { BlockCutEvent, BlockObject } from '../history/events.ts';
import { folderOf, objectName } from './object-key.ts';

export { objectName };

export class BlockIndex<State> {
  readonly #byBlock = new Map<string, State>();
  readonly #byFolder = new Map<string, State>();

  add(cut: BlockCutEvent, state: State): void {
    this.#byBlock.set(cut.block, state);
    this.#byFolder.set(cut.keyPrefix, state);
  }

  ofBlock(block: string): State | undefined {
    return this.#byBlock.get(block);
  }

  /** `key` is that of an object, `<prefix>/<tenant>/<block>/<name>`. */
  ofKey(key: string): State | undefined {
    return this.#byFolder.get(folderOf(key));
  }

  delete(cut: Pick<BlockCutEvent, 'block' | 'keyPrefix'>): void {
    this.#byBlock.delete(cut.block);
    this.#byFolder.delete(cut.keyPrefix);
  }

  /** In the order in which they were added. */
  all(): State[] {
    return [...this.#byBlock.values()];
  }
}

/** The one of a block's objects that its traces are in; `undefined`: it has none. */
export function dataOf({ objects }: { objects: readonly BlockObject[] }): BlockObject | undefined {
  return objects.find(({ name }) => name === 'data.parquet');
}
