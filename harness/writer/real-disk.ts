/** A folder of the machine's file system as a writer's local disk. As with Tempo, nothing is ever fsynced. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { FileBody } from '../object-store/file-body.ts';
import type { Body } from '../object-store/s3-operations.ts';
import type { Content, LocalDisk, Written } from './local-disk.ts';

export class RealDisk implements LocalDisk {
  /** `root` is an existing folder. */
  constructor(readonly root: string) {}

  async write(path: string, content: Content): Promise<Written> {
    const hash = createHash('sha256');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    const file = join(this.root, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await pipeline(this.#open(content), measure, createWriteStream(file));
    } catch (error) {
      throw new Error(`local disk: cannot write ${path} (${size} bytes in): ${(error as Error).message}`, {
        cause: error,
      });
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

  #open(content: Content): Readable {
    switch (content.kind) {
      case 'text':
        return Readable.from([Buffer.from(content.text)]);
      case 'seeded':
        return content.random.stream(content.size, ...content.key);
      case 'files':
        return Readable.from(joined(content.paths.map((path) => join(this.root, path))));
    }
  }
}

async function* joined(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
}
