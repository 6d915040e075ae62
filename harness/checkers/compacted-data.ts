/**
 * Where the data of blocks is that were compacted.
 *
 * 1. A `compaction` event says what was read of each input, and what was written of the new block, its output: with size and hash.
 * 2. An output holds an input when what was read of it is what the input had, and when the output is as long as its inputs together.
 * 3. An output is whole when each object that was acknowledged, meta.json among them, is in the bucket as it was written.
 * 4. The data of a block is readable in any whole output that holds it; or where an output that holds it was compacted into.
 *
 * Whether the output's bytes are its inputs' bytes is the compactor's own word: the final read has one hash for each object.
 */
import type { BlockObject, CompactionEvent, FinalObjectEvent } from '../history/events.ts';
import { dataOf, objectName } from './block-index.ts';

const META = 'meta.json';

type Data = Pick<BlockObject, 'size' | 'sha256'>;

interface Output {
  event: CompactionEvent;
  /** Its objects in the bucket, by name. */
  found: Map<string, Data>;
}

export class CompactedData {
  readonly #byFolder = new Map<string, Output>();
  readonly #ofInput = new Map<string, Output[]>();

  see(event: CompactionEvent | FinalObjectEvent): void {
    if (event.type === 'compaction') {
      const output = { event, found: new Map<string, Data>() };
      this.#byFolder.set(event.keyPrefix, output);
      for (const input of event.inputs) this.#ofInput.set(input, [...(this.#ofInput.get(input) ?? []), output]);
      return;
    }
    const name = objectName(event.key);
    this.#byFolder.get(event.key.slice(0, -name.length))?.found.set(name, event);
  }

  /** The block, whole in the bucket, that the data of `block` can be read from now. `undefined`: there is none. */
  readableIn(block: string, data: Data | undefined): string | undefined {
    if (!data) return undefined;
    for (const output of this.#ofInput.get(block) ?? []) {
      if (!holds(output, block, data)) continue;
      const { event } = output;
      const in_ = isWhole(output) ? event.output : this.readableIn(event.output, dataOf(event));
      if (in_ !== undefined) return in_;
    }
    return undefined;
  }

  /** What became of the last output that took this block in, in words, when the block cannot be read from it. */
  whyUnreadable(block: string, data: Data | undefined): string | undefined {
    const output = this.#ofInput.get(block)?.at(-1);
    if (!output) return undefined;
    const { event, found } = output;
    const into = `it was compacted into ${event.output}`;
    if (!data || !holds(output, block, data)) return `${into}, which does not hold its data as it was`;
    if (!event.objects.some(({ name }) => name === META)) return `${into}, which was never finished`;
    const further = this.whyUnreadable(event.output, dataOf(event));
    if (further && !found.has(META)) return `${into}; ${further}`;
    const wrong = event.objects.find((object) => !same(object, found.get(object.name)));
    return wrong && `${into}, of which ${wrong.name} is ${found.has(wrong.name) ? 'not as it was written' : 'missing'}`;
  }
}

function holds({ event }: Output, block: string, data: Data): boolean {
  const written = dataOf(event);
  const read = event.read.find((one) => one.block === block);
  const together = event.read.reduce((sum, { size }) => sum + size, 0);
  return same(data, read) && written?.size === together && event.read.length === event.inputs.length;
}

function isWhole({ event, found }: Output): boolean {
  return (
    event.objects.some(({ name }) => name === META) &&
    event.objects.every((object) => same(object, found.get(object.name)))
  );
}

function same(a: Data, b: Data | undefined): boolean {
  return a.size === b?.size && a.sha256 === b.sha256;
}
