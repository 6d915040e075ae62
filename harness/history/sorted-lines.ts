/**
 * Puts lines in order that are nearly in order, however many there are (an external merge sort):
 *
 * 1. Lines are collected, up to a limit.
 * 2. What was collected is sorted in memory, and written to a file: a *run*.
 * 3. In the end the runs are read side by side, always from the one whose next line is the earliest. Of several the first: lines of the same
 *    moment stay in the order in which they came.
 *
 * The usual history is below the limit, and no file is written.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { wholeLines } from './whole-lines.ts';

/** Characters that are collected. Sorting as many keeps the event loop for some milliseconds, in which nothing else is done. */
const LIMIT = 8 * 1024 * 1024;

const NEWLINE = 10;

export interface TimedLine {
  t: number;
  /** Without its line break. */
  line: string;
}

export class SortedLines implements AsyncDisposable {
  readonly #folder: string;
  readonly #limit: number;
  #collected: TimedLine[] = [];
  #size = 0;
  #runs = 0;

  /** `folder`: of the runs. It is made when it is needed, and removed when this is disposed of. */
  constructor(folder: string, limit = LIMIT) {
    this.#folder = folder;
    this.#limit = limit;
  }

  async add(line: TimedLine): Promise<void> {
    this.#collected.push(line);
    this.#size += line.line.length;
    if (this.#size >= this.#limit) await this.#writeRun();
  }

  /** All of them, the earliest first. Nothing is added any more. */
  async *inOrder(): AsyncGenerator<TimedLine[]> {
    this.#sort();
    const collected = this.#collected;
    if (this.#runs === 0) return yield collected;
    const files = Array.from({ length: this.#runs }, (_, run) => linesOf(this.#file(run)));
    const sources = [
      ...files,
      (async function* () {
        yield collected;
      })(),
    ].map((pieces) => new Source(pieces));
    await Promise.all(sources.map((source) => source.more()));
    let merged: TimedLine[] = [];
    for (;;) {
      let earliest: Source | undefined;
      for (const source of sources) if (earliest === undefined || source.t < earliest.t) earliest = source;
      if (!earliest || earliest.t === Number.POSITIVE_INFINITY) break;
      merged.push(earliest.take());
      if (!earliest.empty) continue;
      yield merged;
      merged = [];
      await earliest.more();
    }
    yield merged;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }

  #sort(): void {
    this.#collected.sort((a, b) => a.t - b.t);
  }

  async #writeRun(): Promise<void> {
    this.#sort();
    await mkdir(this.#folder, { recursive: true });
    await writeFile(this.#file(this.#runs++), this.#collected.map(({ t, line }) => `${t}\t${line}\n`).join(''));
    this.#collected = [];
    this.#size = 0;
  }

  #file(run: number): string {
    return join(this.#folder, `${run}.run`);
  }
}

/** What is left of one run. */
class Source {
  readonly #pieces: AsyncIterator<TimedLine[]>;
  #piece: TimedLine[] = [];
  #next = 0;
  /** Of the next line; infinite: there is none. */
  t = Number.NEGATIVE_INFINITY;

  constructor(pieces: AsyncIterator<TimedLine[]>) {
    this.#pieces = pieces;
  }

  /** Nothing is left of what was read. */
  get empty(): boolean {
    return this.#next === this.#piece.length;
  }

  take(): TimedLine {
    const line = this.#piece[this.#next++] as TimedLine;
    this.t = this.#piece[this.#next]?.t ?? this.t;
    return line;
  }

  async more(): Promise<void> {
    this.#next = 0;
    do {
      const { value, done } = await this.#pieces.next();
      this.#piece = done ? [] : value;
      if (done) this.t = Number.POSITIVE_INFINITY;
    } while (this.t !== Number.POSITIVE_INFINITY && this.#piece.length === 0);
    this.t = this.#piece[0]?.t ?? this.t;
  }
}

async function* linesOf(run: string): AsyncGenerator<TimedLine[]> {
  for await (const { bytes } of wholeLines(run)) {
    const lines: TimedLine[] = [];
    for (let from = 0, to = 0; from < bytes.length; from = to + 1) {
      to = bytes.indexOf(NEWLINE, from);
      const [text, tab] = [bytes.toString('utf8', from, to), bytes.indexOf('\t', from) - from];
      lines.push({ t: Number(text.slice(0, tab)), line: text.slice(tab + 1) });
    }
    yield lines;
  }
}
