/** One process's part of a history: an NDJSON file that is only ever appended to. */
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { HistoryEvent, Recorder } from './events.ts';

export class HistoryPart {
  readonly #stream: WriteStream;
  #failure: Error | undefined;

  /** Opens `file` for appending, and makes it if it is not there. */
  constructor(readonly file: string) {
    this.#stream = createWriteStream(file, { flags: 'a' });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  readonly record: Recorder = (event: HistoryEvent) => {
    this.#stream.write(`${JSON.stringify(event)}\n`);
  };

  /**
   * Writes out what is buffered, and closes the file.
   * @throws Error when an event could not be written (a full disk, say): the history is then not whole.
   */
  async close(): Promise<void> {
    if (!this.#failure && !this.#stream.closed) {
      const closed = once(this.#stream, 'close').catch((error: Error) => {
        this.#failure ??= error;
      });
      this.#stream.end();
      await closed;
    }
    if (this.#failure)
      throw new Error(`history: cannot write ${this.file}: ${this.#failure.message}`, { cause: this.#failure });
  }
}
