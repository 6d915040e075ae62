/** One process's part of a history: an NDJSON file that is only ever appended to. */
import { once } from 'node:events';
import { appendFileSync, createWriteStream, type WriteStream } from 'node:fs';
import type { HistoryEvent, Recorder } from './events.ts';

export class HistoryPart {
  readonly #stream: WriteStream;
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  /** Opens `file` for appending, and makes it if it is not there. */
  constructor(readonly file: string) {
    this.#stream = createWriteStream(file, { flags: 'a' });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /**
   * Takes an event; whether it could be written, `close` tells. One that comes after `close`, from what is still ending, is
   * appended at once, or left out when the parts have been merged and are gone: the scenario is over then.
   * @throws Error when one after `close` cannot be appended: no event of the scenario is lost in silence.
   */
  readonly record: Recorder = (event: HistoryEvent) => {
    const line = `${JSON.stringify(event)}\n`;
    if (!this.#closed) {
      this.#stream.write(line);
      return;
    }
    try {
      appendFileSync(this.file, line);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw new Error(
        `history: ${this.file} is closed, and a later ${event.type} event cannot be written: ${(error as Error).message}`,
        { cause: error },
      );
    }
  };

  /**
   * Writes out what is buffered, and closes the file.
   * @throws Error when an event could not be written (a full disk, say): the history is then not whole.
   */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
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
