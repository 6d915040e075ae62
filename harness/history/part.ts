/** One process's part of a history: an NDJSON file that is only ever appended to. */
import { once } from 'node:events';
import { appendFileSync, closeSync, createWriteStream, openSync, writeSync } from 'node:fs';
import type { HistoryEvent, Recorder } from './events.ts';

export interface PartOptions {
  /**
   * Every event is in the file before `record` returns, so that a process that is killed (SIGKILL) leaves behind all that it had
   * recorded. For a process that a fault may kill; it waits for the file system at each event. Absent: events are buffered.
   */
  atOnce?: boolean;
}

export class HistoryPart {
  readonly #append: (line: string) => void;
  readonly #end: () => Promise<unknown>;
  #failure: Error | undefined;
  #closed: Promise<void> | undefined;

  /** Opens `file` for appending, and makes it if it is not there. */
  constructor(
    readonly file: string,
    { atOnce = false }: PartOptions = {},
  ) {
    const sink = atOnce ? appendAtOnce(file) : appendBuffered(file, (error) => this.#failed(error));
    this.#append = sink.append;
    this.#end = sink.end;
  }

  /**
   * Takes an event; whether it could be written, `close` tells. One that comes after `close`, from what is still ending, is
   * appended at once, or left out when the parts have been merged and are gone: the scenario is over then.
   * @throws Error when one after `close` cannot be appended: no event of the scenario is lost in silence.
   */
  readonly record: Recorder = (event: HistoryEvent) => {
    const line = `${JSON.stringify(event)}\n`;
    if (!this.#closed) {
      try {
        this.#append(line);
      } catch (error) {
        this.#failed(error as Error);
      }
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
    await this.#end().catch((error) => this.#failed(error));
    if (this.#failure)
      throw new Error(`history: cannot write ${this.file}: ${this.#failure.message}`, { cause: this.#failure });
  }

  #failed(error: Error): void {
    this.#failure ??= error;
  }
}

interface Sink {
  append(line: string): void;
  end(): Promise<unknown>;
}

function appendBuffered(file: string, failed: (error: Error) => void): Sink {
  const stream = createWriteStream(file, { flags: 'a' });
  stream.on('error', failed);
  return {
    append: (line) => stream.write(line),
    async end() {
      if (stream.closed || stream.errored) return;
      const closed = once(stream, 'close');
      stream.end();
      await closed;
    },
  };
}

function appendAtOnce(file: string): Sink {
  let opened: number | undefined;
  const open = () => {
    opened ??= openSync(file, 'a');
    return opened;
  };
  return {
    append(line) {
      const bytes = Buffer.from(line);
      for (let at = 0; at < bytes.length; ) at += writeSync(open(), bytes, at);
    },
    async end() {
      closeSync(open());
    },
  };
}
