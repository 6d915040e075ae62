/** A folder of the machine's file system as a writer's local disk. As with Tempo, nothing is ever fsynced. */
import { createHash } from 'node:crypto';
import { closeSync, constants, ftruncateSync, openSync, write, writeSync } from 'node:fs';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { FileBody } from '../object-store/file-body.ts';
import { filePieces, PieceMemory } from '../object-store/file-pieces.ts';
import type { Body } from '../object-store/s3-operations.ts';
import type { Content, Gate, ListedFile, LocalDisk, Written } from './local-disk.ts';

/** May take less than it is given, as its like do. */
const writeAsync = promisify(write);

/** Over what the file holds, without a moment in which it is empty: docs/decisions/093. */
const IN_PLACE = constants.O_WRONLY | constants.O_CREAT;

const letAllThrough: Gate = async (bytes) => bytes;

export class RealDisk implements LocalDisk {
  /** `root` is an existing folder. */
  constructor(readonly root: string) {}

  async write(path: string, content: Content): Promise<Written> {
    const hash = createHash('sha256');
    let size = 0;
    const file = join(this.root, path);
    let opened: number | undefined;
    const inPlace = (content.kind === 'gated' ? content.content : content).kind === 'text';
    const open = () => openSync(file, inPlace ? IN_PLACE : 'w');
    try {
      await mkdir(dirname(file), { recursive: true });
      const gate = content.kind === 'gated' ? content.gate : letAllThrough;
      await gate(0);
      for await (const chunk of this.#open(content)) {
        for (let at = 0; at < chunk.length; ) {
          const passing = chunk.subarray(at, at + (await gate(chunk.length - at)));
          if (opened === undefined) {
            opened = open();
            for (let done = 0; done < passing.length; ) done += writeSync(opened, passing, done);
          } else {
            for (let done = 0; done < passing.length; ) done += (await writeAsync(opened, passing, done)).bytesWritten;
          }
          hash.update(passing);
          at += passing.length;
          size += passing.length;
        }
      }
      opened ??= open();
    } catch (error) {
      throw new Error(`local disk: cannot write ${path} (${size} bytes in): ${(error as Error).message}`, {
        cause: error,
      });
    } finally {
      if (opened !== undefined) {
        if (inPlace) ftruncateSync(opened, size);
        closeSync(opened);
      }
    }
    return { size, sha256: hash.digest('hex') };
  }

  async read(path: string, sha256?: string): Promise<Body> {
    try {
      return await FileBody.whole(join(this.root, path), sha256);
    } catch (error) {
      throw new Error(`local disk: cannot read ${path}: ${(error as Error).message}`, { cause: error });
    }
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.root, path), { recursive: true, force: true });
  }

  async list(folder: string): Promise<ListedFile[]> {
    const top = join(this.root, folder);
    const entries = await readdir(top, { recursive: true, withFileTypes: true }).catch(noneIfMissing);
    const found: ListedFile[] = [];
    for (const entry of entries.filter((one) => one.isFile())) {
      const file = join(entry.parentPath ?? entry.path, entry.name);
      found.push({ path: relative(this.root, file).split(sep).join('/'), size: (await stat(file)).size });
    }
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Each piece holds until the next is asked for. */
  #open(content: Content): AsyncIterable<Buffer> | Iterable<Buffer> {
    switch (content.kind) {
      case 'text':
        return [Buffer.from(content.text)];
      case 'seeded':
        return content.random.stream(content.size, ...content.key) as AsyncIterable<Buffer>;
      case 'files':
        return joined(content.paths.map((path) => join(this.root, path)));
      case 'gated':
        return this.#open(content.content);
    }
  }
}

async function* joined(files: readonly string[]): AsyncGenerator<Buffer> {
  const memory = new PieceMemory();
  for (const file of files) yield* filePieces(file, undefined, undefined, memory);
}

function noneIfMissing(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT') return [];
  throw error;
}
