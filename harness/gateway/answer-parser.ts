/**
 * Reads HTTP/1.1 answers off a connection, strictly: what is not exactly an answer is refused, not repaired. Headers stay as they
 * came, and bodies are passed on as slices of what was read, not copied. Why not node:http: docs/decisions/070-upstream-client.md.
 *
 * 1. The head: up to the blank line. An interim answer (100 Continue) is reported, and the head of the final one follows.
 * 2. How the body is framed (RFC 9112, 6.3): none (HEAD, 204, 304), chunks, a length, or up to the end of the connection.
 * 3. The body, and after chunks the trailers.
 */

export interface AnswerHead {
  status: number;
  message: string;
  /** As node:http's `rawHeaders`: name, value, name, value, ... */
  rawHeaders: string[];
}

export interface AnswerListener {
  /** An interim answer, `100 Continue` among them. */
  interim(status: number): void;
  head(head: AnswerHead): void;
  body(chunk: Buffer): void;
  end(rawTrailers: string[]): void;
}

/** Bytes. Go's own limit for an answer's head is higher; S3's answers have some hundred. */
const LARGEST_HEAD = 256 * 1024;
/** Bytes of a chunk's size and its extensions. */
const LONGEST_CHUNK_LINE = 1024;

/** Header values and reasons: no control characters but the tab (RFC 9110, 5.5). */
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const headerLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;

type Step = 'idle' | 'head' | 'length' | 'close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailers' | 'over';

/** What came is not an HTTP/1.1 answer. */
export class AnswerError extends Error {
  readonly code = 'EPROTO';
}

export class AnswerParser {
  #step: Step = 'idle';
  #listener: AnswerListener | undefined;
  #head = false;
  /** What came of a head or line that is not whole yet. */
  #partial: Buffer = Buffer.alloc(0);
  /** Bytes that the body, or the chunk, still has. */
  #left = 0;
  #persistent = false;

  /** Whether the answer was read to its end, and the connection may carry another one. */
  get reusable(): boolean {
    return this.#step === 'over' && this.#persistent;
  }

  /** Begins with the answer to a new request. */
  start(method: string, listener: AnswerListener): void {
    this.#head = method === 'HEAD';
    this.#listener = listener;
    this.#step = 'head';
  }

  /** @throws AnswerError for what is no answer, or comes without having been asked for. */
  read(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#take(rest);
  }

  /** The connection ended. True if that was the end of the answer. */
  ended(): boolean {
    if (this.#step !== 'close') return this.#step === 'over';
    this.#over([]);
    return true;
  }

  /** Takes something from the beginning of `chunk`, and returns the rest. */
  #take(chunk: Buffer): Buffer {
    switch (this.#step) {
      case 'head':
        return this.#block(chunk, '\r\n\r\n', LARGEST_HEAD, (text) => this.#readHead(text));
      case 'length':
      case 'chunk':
        return this.#takeBody(chunk);
      case 'close':
        this.#listener?.body(chunk);
        return chunk.subarray(chunk.length);
      case 'chunk-size':
        return this.#block(chunk, '\r\n', LONGEST_CHUNK_LINE, (line) => this.#readChunkSize(line));
      case 'chunk-end':
        return this.#block(chunk, '\r\n', 2, (line) => {
          if (line !== '') throw new AnswerError('a chunk is longer than its size says');
          this.#step = 'chunk-size';
        });
      case 'trailers':
        return this.#takeTrailers(chunk);
      default:
        throw new AnswerError('bytes that belong to no answer');
    }
  }

  /** Gathers up to `mark`, and reads what is before it. */
  #block(chunk: Buffer, mark: string, limit: number, read: (text: string) => void): Buffer {
    const from = this.#partial.length;
    const all = from === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    const end = all.indexOf(mark, Math.max(0, from - mark.length), 'latin1');
    if ((end < 0 ? all.length - mark.length : end) > limit)
      throw new AnswerError(`more than ${limit} bytes before a line's end`);
    if (end < 0) {
      this.#partial = Buffer.from(all);
      return chunk.subarray(chunk.length);
    }
    if (from > 0) this.#partial = Buffer.alloc(0);
    read(all.toString('latin1', 0, end));
    return all.subarray(end + mark.length);
  }

  #readHead(text: string): void {
    const lines = text.split('\r\n');
    const [, minor, code, message = ''] = statusLine.exec(lines[0] as string) ?? [];
    if (code === undefined) throw new AnswerError(`${JSON.stringify(lines[0]?.slice(0, 80))} is no status line`);
    const status = Number(code);
    const rawHeaders = readHeaders(lines, 1);
    if (status < 200) {
      if (status === 101) throw new AnswerError('101: nobody asked to switch protocols');
      this.#listener?.interim(status);
      return;
    }
    this.#frame(status, minor === '1', rawHeaders);
    this.#listener?.head({ status, message, rawHeaders });
    if (this.#step === 'length' && this.#left === 0) this.#over([]);
  }

  #frame(status: number, persistent: boolean, rawHeaders: string[]): void {
    let length: string | undefined;
    let encoding: string | undefined;
    this.#persistent = persistent;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      const value = rawHeaders[index + 1] as string;
      switch ((rawHeaders[index] as string).toLowerCase()) {
        case 'content-length':
          if (!/^\d{1,15}$/.test(value) || (length !== undefined && length !== value)) {
            throw new AnswerError(`Content-Length ${value}${length === undefined ? '' : ` after ${length}`}`);
          }
          length = value;
          break;
        case 'transfer-encoding':
          encoding = encoding === undefined ? value.toLowerCase() : `${encoding}, ${value.toLowerCase()}`;
          break;
        case 'connection':
          if (/(^|,)\s*close\s*(,|$)/i.test(value)) this.#persistent = false;
          break;
      }
    }
    this.#left = 0;
    this.#step = 'length';
    if (this.#head || status === 204 || status === 304) return;
    if (encoding !== undefined) {
      if (encoding !== 'chunked' || length !== undefined)
        throw new AnswerError(`Transfer-Encoding ${encoding}, length ${length}`);
      this.#step = 'chunk-size';
    } else if (length !== undefined) {
      this.#left = Number(length);
    } else {
      this.#step = 'close';
      this.#persistent = false;
    }
  }

  #takeBody(chunk: Buffer): Buffer {
    const taken = chunk.length <= this.#left ? chunk : chunk.subarray(0, this.#left);
    this.#left -= taken.length;
    this.#listener?.body(taken);
    if (this.#left === 0) {
      if (this.#step === 'length') this.#over([]);
      else this.#step = 'chunk-end';
    }
    return chunk.subarray(taken.length);
  }

  #readChunkSize(line: string): void {
    const size = /^([0-9a-f]{1,12})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
    if (size === undefined) throw new AnswerError(`${JSON.stringify(line.slice(0, 80))} is no chunk size`);
    this.#left = Number.parseInt(size, 16);
    this.#step = this.#left === 0 ? 'trailers' : 'chunk';
  }

  #takeTrailers(chunk: Buffer): Buffer {
    const all = this.#partial.length === 0 ? chunk : Buffer.concat([this.#partial, chunk]);
    // No trailers: the blank line comes at once.
    if (all.length < 2 || all.toString('latin1', 0, 2) !== '\r\n') {
      return this.#block(chunk, '\r\n\r\n', LARGEST_HEAD, (text) => this.#over(readHeaders(text.split('\r\n'), 0)));
    }
    this.#partial = Buffer.alloc(0);
    this.#over([]);
    return all.subarray(2);
  }

  #over(rawTrailers: string[]): void {
    this.#step = 'over';
    this.#listener?.end(rawTrailers);
  }
}

function readHeaders(lines: string[], from: number): string[] {
  const raw: string[] = [];
  for (let index = from; index < lines.length; index++) {
    const parts = headerLine.exec(lines[index] as string);
    if (!parts) throw new AnswerError(`${JSON.stringify(lines[index]?.slice(0, 80))} is no header`);
    raw.push(parts[1] as string, (parts[2] as string).trim());
  }
  return raw;
}
