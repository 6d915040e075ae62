/**
 * A local disk on which faults act: what reaches the disk below, and what comes from it, does so no faster, and no further, than they
 * let it. Without a fault it does nothing but count the bytes on the disk.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Clock } from '../clock.ts';
import type { Recorder } from '../history/events.ts';
import type { Body } from '../object-store/s3-operations.ts';
import type { Content, Gate, ListedFile, LocalDisk, Written } from '../writer/local-disk.ts';
import type { DiskFaults } from './disk-faults.ts';
import { type DiskContext, RunningDiskOperation } from './disk-operation.ts';
import { DiskUsage } from './disk-usage.ts';

export class FaultyDisk implements LocalDisk {
  readonly #disk: LocalDisk;
  readonly #context: () => Promise<DiskContext>;

  constructor(disk: LocalDisk, faults: DiskFaults, about: { writer: string; clock: Clock; record: Recorder }) {
    this.#disk = disk;
    let context: Promise<DiskContext> | undefined;
    this.#context = () => {
      context ??= DiskUsage.of(disk).then((usage) => ({ ...about, faults, usage }));
      return context;
    };
  }

  async write(path: string, content: Content): Promise<Written> {
    const context = await this.#context();
    const size = sizeOf(content, context.usage);
    const operation = new RunningDiskOperation(context, 'write', path, size);
    const reading = content.kind === 'files' ? readingOf(content.paths, size, context) : undefined;
    context.usage.remove(path);
    try {
      const gate = bothGates(reading, operation);
      const written = await this.#disk.write(path, { kind: 'gated', content, gate });
      reading?.ended();
      operation.ended();
      return written;
    } catch (error) {
      const cause = (error as Error).cause ?? error;
      reading?.ended(cause);
      operation.ended(cause);
      throw error;
    }
  }

  async read(path: string, sha256?: string): Promise<Body> {
    const context = await this.#context();
    return new GatedBody(await this.#disk.read(path, sha256), context, path, sha256);
  }

  async remove(path: string): Promise<void> {
    const { usage } = await this.#context();
    await this.#disk.remove(path);
    usage.remove(path);
  }

  list(folder: string): Promise<ListedFile[]> {
    return this.#disk.list(folder);
  }
}

/** Joining files reads them: as one operation, on their folder. `size`: of all of them. */
function readingOf(paths: readonly string[], size: number, context: DiskContext): RunningDiskOperation {
  const [first = ''] = paths;
  return new RunningDiskOperation(context, 'read', first.slice(0, first.lastIndexOf('/')), size);
}

/** What is to be written has to be read first, where it comes from the same disk. */
function bothGates(reading: RunningDiskOperation | undefined, writing: RunningDiskOperation): Gate {
  if (!reading) return (bytes) => writing.pass(bytes);
  let read = 0;
  return async (bytes) => {
    if (bytes === 0) await reading.pass(0);
    while (read < bytes) read += await reading.pass(bytes - read);
    const passed = await writing.pass(bytes);
    read -= passed;
    return passed;
  };
}

function sizeOf(content: Content, usage: DiskUsage): number {
  switch (content.kind) {
    case 'text':
      return Buffer.byteLength(content.text);
    case 'seeded':
      return content.size;
    case 'files':
      return content.paths.reduce((sum, path) => sum + usage.sizeOf(path), 0);
    case 'gated':
      return sizeOf(content.content, usage);
  }
}

/** Each stream over it is one read of the disk. */
class GatedBody implements Body {
  readonly size: number;
  readonly #body: Body;
  readonly #context: DiskContext;
  readonly #path: string;
  #sha256: Promise<string> | undefined;

  constructor(body: Body, context: DiskContext, path: string, sha256?: string) {
    this.size = body.size;
    this.#body = body;
    this.#context = context;
    this.#path = path;
    if (sha256 !== undefined) this.#sha256 = Promise.resolve(sha256);
  }

  /** @throws Error of the disk; the next call tries again. */
  sha256(): Promise<string> {
    this.#sha256 ??= this.#hash().catch((error) => {
      this.#sha256 = undefined;
      throw error;
    });
    return this.#sha256;
  }

  open(): Readable {
    return new GatedStream(this.#body.open(), new RunningDiskOperation(this.#context, 'read', this.#path, this.size));
  }

  pieces(signal: AbortSignal): AsyncIterable<Buffer> {
    const operation = new RunningDiskOperation(this.#context, 'read', this.#path, this.size);
    const source = this.#body.pieces?.(signal) ?? (this.#body.open() as AsyncIterable<Buffer>);
    return untilAborted(letThrough(source, operation), operation, signal);
  }

  /** As long as no fault has a say. */
  atOnce(): Buffer | undefined {
    const operation = new RunningDiskOperation(this.#context, 'read', this.#path, this.size);
    if (operation.meetsFaults) return undefined;
    try {
      return this.#body.atOnce?.();
    } catch (error) {
      operation.ended(error);
      throw error;
    }
  }

  slice(start: number, end: number): Body {
    return new GatedBody(this.#body.slice(start, end), this.#context, this.#path);
  }

  async #hash(): Promise<string> {
    const hash = createHash('sha256');
    for await (const piece of this.pieces(new AbortController().signal)) hash.update(piece);
    return hash.digest('hex');
  }
}

class GatedStream extends Readable {
  readonly #source: Readable;
  readonly #operation: RunningDiskOperation;
  readonly #chunks: AsyncGenerator<Buffer>;

  constructor(source: Readable, operation: RunningDiskOperation) {
    super();
    this.#source = source;
    this.#operation = operation;
    this.#chunks = letThrough(source as AsyncIterable<Buffer>, operation);
  }

  override async _read(): Promise<void> {
    try {
      const { value, done } = await this.#chunks.next();
      this.push(done ? null : value);
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#operation.abandon();
    this.#source.destroy();
    done(error);
  }
}

/** What of `source` the operation lets pass, when it does. */
async function* letThrough(
  source: AsyncIterable<Buffer>,
  operation: RunningDiskOperation,
): AsyncGenerator<Buffer, undefined> {
  try {
    await operation.pass(0);
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length; ) {
        const passing = chunk.subarray(at, at + (await operation.pass(chunk.length - at)));
        at += passing.length;
        yield passing;
      }
    }
    operation.ended();
  } catch (error) {
    operation.ended(error);
    throw error;
  }
}

/** With the signal, and with a reader that stops early, the operation is over. */
async function* untilAborted(
  pieces: AsyncIterable<Buffer>,
  operation: RunningDiskOperation,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const onAbort = () => operation.abandon();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    signal.throwIfAborted();
    yield* pieces;
  } finally {
    signal.removeEventListener('abort', onAbort);
    operation.abandon();
  }
}
