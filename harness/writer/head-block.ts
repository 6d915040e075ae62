/** The block that data is taken into: a folder of the WAL, one file for each page. */
import type { Random } from '../random.ts';
import { blockFormat } from './block-meta.ts';
import { type LocalDisk, seeded } from './local-disk.ts';

export class HeadBlock {
  readonly id: string;
  readonly tenant: string;
  readonly startTime: Date;
  /** As Tempo names it: `wal/<block>+<tenant>+vParquet4`. */
  readonly folder: string;
  readonly #disk: LocalDisk;
  readonly #random: Random;
  readonly #pages: string[] = [];
  #bytes = 0;

  constructor(id: string, tenant: string, startTime: Date, disk: LocalDisk, random: Random) {
    this.id = id;
    this.tenant = tenant;
    this.startTime = startTime;
    this.folder = `wal/${id}+${tenant}+${blockFormat}`;
    this.#disk = disk;
    this.#random = random;
  }

  /** Bytes taken in so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The files of the pages, in order. */
  get pages(): readonly string[] {
    return this.#pages;
  }

  /** Writes the next page: `bytes` seeded bytes. @throws Error of the disk: what was to be taken in is lost. */
  async append(bytes: number): Promise<void> {
    const number = this.#pages.length + 1;
    const path = `${this.folder}/${String(number).padStart(10, '0')}`;
    await this.#disk.write(path, seeded(this.#random, bytes, 'page', this.id, number));
    this.#pages.push(path);
    this.#bytes += bytes;
  }
}
