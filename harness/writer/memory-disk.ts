/**
 * A local disk for virtual time. It keeps of each file its size and its hash; bytes it keeps of texts alone.
 *
 * The hash of a text is the SHA-256 of its bytes. The hash of seeded bytes is that of their description (seed, size, key), and
 * that of joined files is made from theirs: equal contents have equal hashes, and different ones different, which is all that
 * a checker compares.
 */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Body } from '../object-store/s3-operations.ts';
import type { Content, Gate, ListedFile, LocalDisk, Written } from './local-disk.ts';

interface MemoryFile extends Written {
  text?: Buffer;
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');

export class MemoryDisk implements LocalDisk {
  readonly #files = new Map<string, MemoryFile>();

  /** `capacity`: bytes that fit, in all; without it, any. */
  constructor(public capacity = Number.POSITIVE_INFINITY) {}

  /** Another disk that holds the same, without a limit: what a killed process leaves behind. */
  copy(): MemoryDisk {
    const disk = new MemoryDisk();
    for (const [path, file] of this.#files) disk.#files.set(path, file);
    return disk;
  }

  /** The paths of all files, sorted. */
  get paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  /** Bytes in use. */
  get used(): number {
    let sum = 0;
    for (const file of this.#files.values()) sum += file.size;
    return sum;
  }

  /** What a text file holds. @throws Error when it is not there, or is not a text. */
  text(path: string): string {
    const file = this.#file(path);
    if (!file.text) throw new Error(`memory disk: ${path} holds no text: only its size and its hash are kept`);
    return file.text.toString('utf8');
  }

  async write(path: string, content: Content): Promise<Written> {
    const file = this.#describe(content);
    if (content.kind === 'gated') await this.#letThrough(path, file, content.gate);
    const replaced = this.#files.get(path)?.size ?? 0;
    if (this.used - replaced + file.size > this.capacity) {
      throw new Error(
        `local disk: cannot write ${path}: no space left on device (${this.used} of ${this.capacity} bytes are used, and ${file.size} more are wanted)`,
      );
    }
    this.#files.set(path, file);
    return { size: file.size, sha256: file.sha256 };
  }

  async read(path: string): Promise<Body> {
    return new MemoryBody(path, this.#file(path));
  }

  async remove(path: string): Promise<void> {
    for (const known of this.#files.keys()) {
      if (known === path || known.startsWith(`${path}/`)) this.#files.delete(known);
    }
  }

  async list(folder: string): Promise<ListedFile[]> {
    return this.paths
      .filter((path) => folder === '' || path.startsWith(`${folder}/`))
      .map((path) => ({ path, size: this.#file(path).size }));
  }

  /** What has passed when the gate fails is in the file. */
  async #letThrough(path: string, file: MemoryFile, gate: Gate): Promise<void> {
    let passed = 0;
    try {
      await gate(0);
      while (passed < file.size) passed += await gate(file.size - passed);
    } catch (error) {
      const text = file.text?.subarray(0, passed);
      const hash = text ? sha256(text) : sha256(JSON.stringify([file.sha256, passed]));
      if (passed > 0) this.#files.set(path, { size: passed, sha256: hash, ...(text && { text }) });
      throw new Error(`local disk: cannot write ${path} (${passed} bytes in): ${(error as Error).message}`, {
        cause: error,
      });
    }
  }

  #file(path: string): MemoryFile {
    const file = this.#files.get(path);
    if (!file) throw new Error(`local disk: cannot read ${path}: no such file`);
    return file;
  }

  #describe(content: Content): MemoryFile {
    switch (content.kind) {
      case 'text': {
        const bytes = Buffer.from(content.text);
        return { size: bytes.length, sha256: sha256(bytes), text: bytes };
      }
      case 'seeded':
        return { size: content.size, sha256: sha256(JSON.stringify([content.random.seed, content.size, content.key])) };
      case 'files': {
        const parts = content.paths.map((path) => this.#file(path));
        // The bytes of one file joined with nothing are that file's.
        if (parts.length === 1) return { ...(parts[0] as MemoryFile) };
        return {
          size: parts.reduce((sum, part) => sum + part.size, 0),
          sha256: sha256(JSON.stringify(parts.map((part) => part.sha256))),
        };
      }
      case 'gated':
        return this.#describe(content.content);
    }
  }
}

class MemoryBody implements Body {
  readonly size: number;
  readonly #path: string;
  readonly #file: MemoryFile;

  constructor(path: string, file: MemoryFile) {
    this.size = file.size;
    this.#path = path;
    this.#file = file;
  }

  async sha256(): Promise<string> {
    return this.#file.sha256;
  }

  open(): Readable {
    if (!this.#file.text) {
      throw new Error(
        `memory disk: ${this.#path} holds no bytes, only their size and hash: send it to a store in memory`,
      );
    }
    return Readable.from([this.#file.text], { objectMode: false });
  }

  slice(start: number, end: number): Body {
    const bytes = this.#file.text?.subarray(start, end);
    return new MemoryBody(
      `${this.#path}[${start},${end})`,
      bytes
        ? { size: bytes.length, sha256: sha256(bytes), text: bytes }
        : { size: end - start, sha256: sha256(JSON.stringify([this.#file.sha256, start, end])) },
    );
  }
}
