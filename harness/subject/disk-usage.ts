/** How many bytes are on one local disk: counted as they are written, since asking the disk at each write would cost more than it. */
import type { LocalDisk } from '../writer/local-disk.ts';

export class DiskUsage {
  readonly #sizes = new Map<string, number>();
  #total = 0;

  private constructor() {}

  /** Of what is on the disk now. @throws Error of the disk. */
  static async of(disk: LocalDisk): Promise<DiskUsage> {
    const usage = new DiskUsage();
    for (const { path, size } of await disk.list('')) usage.grow(path, size);
    return usage;
  }

  get total(): number {
    return this.#total;
  }

  /** 0 when there is no such file. */
  sizeOf(path: string): number {
    return this.#sizes.get(path) ?? 0;
  }

  grow(path: string, bytes: number): void {
    this.#sizes.set(path, this.sizeOf(path) + bytes);
    this.#total += bytes;
  }

  /** A file, or a folder with all that is in it. */
  remove(path: string): void {
    for (const [known, size] of this.#sizes) {
      if (known !== path && !known.startsWith(`${path}/`)) continue;
      this.#sizes.delete(known);
      this.#total -= size;
    }
  }
}
