/** The local blocks that are in S3: each is cleared when it is due, from its end or from its flush on, as the settings say. */
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import type { BlockSettings } from '../tempo/settings.ts';
import type { LocalBlock } from './local-block.ts';

export class FlushedBlocks {
  /** Each with the time, on the wall's clock, after which it is due. */
  readonly #due = new Map<LocalBlock, number>();

  constructor(
    private readonly writer: string,
    private readonly settings: Pick<BlockSettings, 'clearedAfter' | 'completeBlockTimeout'>,
    private readonly about: { clock: Clock; record: Recorder },
  ) {}

  add(block: LocalBlock, endTime: Date, flushedAt: Date): void {
    const { clearedAfter, completeBlockTimeout } = this.settings;
    const from = clearedAfter === 'end' ? endTime : flushedAt;
    this.#due.set(block, from.getTime() + completeBlockTimeout);
  }

  /** Clears what is due, until `signal`. One that cannot be deleted is told of with a `writer.error`, and left alone, as in Tempo. */
  async clear(signal: AbortSignal): Promise<void> {
    const { clock, record } = this.about;
    const { writer } = this;
    const now = clock.date().getTime();
    for (const [block, due] of this.#due) {
      if (now <= due) continue;
      if (signal.aborted) return;
      this.#due.delete(block);
      try {
        await block.clear();
        record({ t: clock.now(), type: 'block.cleared', writer, block: block.id });
      } catch (error) {
        record({ t: clock.now(), type: 'writer.error', writer, message: (error as Error).message });
      }
    }
  }
}
